//! Collections and files: made, opened, changed.

use super::collect::object_bytes;
use super::{Heap, Object};
use crate::value::Value;
use crate::value::file::File;

impl Heap {
    /// Makes a collection of what is in a list, a map or `{}`, which must not be used on its own
    /// any more. Anything else gives an empty collection.
    pub fn collection(&mut self, inner: Value) -> Value {
        let fits = matches!(inner, Value::Object(at)
            if matches!(self.objects.get(at), Object::Empty | Object::List(_) | Object::Map(_)));
        let inner = if fits { inner } else { self.object(Object::Empty) };
        self.object(Object::Collection(inner))
    }

    /// The list, map or `{}` inside a collection.
    pub fn in_collection(&self, value: Value) -> Option<Value> {
        match value {
            Value::Object(at) => match self.objects.get(at) {
                Object::Collection(inner) => Some(*inner),
                _ => None,
            },
            _ => None,
        }
    }

    /// Turns a list or map without anything in it into `{}`, so that it may become either again.
    pub fn make_empty(&mut self, inner: Value) {
        if self.size(inner) == Some(0)
            && let Value::Object(at) = inner
        {
            *self.objects.get_mut(at) = Object::Empty;
        }
    }

    /// The list or map inside a collection; any other value itself.
    pub fn opened(&self, value: Value) -> Value {
        self.in_collection(value).unwrap_or(value)
    }

    /// Makes a file value. Ask [`reserve`](Self::reserve) first: files are large.
    pub fn file(&mut self, file: File) -> Value {
        self.object(Object::File(Box::new(file)))
    }

    /// The file, if it is one.
    pub fn as_file(&self, value: Value) -> Option<&File> {
        match value {
            Value::Object(at) => match self.objects.get(at) {
                Object::File(file) => Some(file),
                _ => None,
            },
            _ => None,
        }
    }

    /// Changes a file in place; `None` if it is something else.
    pub fn edit_file<R>(&mut self, value: Value, edit: impl FnOnce(&mut File) -> R) -> Option<R> {
        let Value::Object(at) = value else { return None };
        let object = self.objects.get_mut(at);
        let before = object_bytes(object);
        let Object::File(file) = object else { return None };
        let result = edit(file);
        self.used += object_bytes(object).saturating_sub(before);
        Some(result)
    }

    /// Whether every collection of a loaded heap leads to a list, a map or `{}`: never to another
    /// collection, or opening one might not end.
    pub(super) fn collections_are_sound(&self) -> bool {
        self.objects.live().all(|object| match object {
            Object::Collection(Value::Object(at)) => {
                self.objects.holds(*at)
                    && matches!(self.objects.get(*at), Object::Empty | Object::List(_) | Object::Map(_))
            }
            Object::Collection(_) => false,
            _ => true,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_a_collection_stays_alive_with_it() {
        let mut heap = Heap::default();
        let text = heap.text("a text that needs the heap");
        let inner = heap.list(vec![text]);
        let collection = heap.collection(inner);
        heap.collect([collection].into_iter()).unwrap();
        let kept = heap.as_list(heap.opened(collection)).unwrap();
        assert_eq!(heap.str(&kept[0]), Some("a text that needs the heap"));
    }

    #[test]
    fn a_collection_never_holds_another_one_as_its_inside() {
        let mut heap = Heap::default();
        let inner = heap.list(vec![]);
        let collection = heap.collection(inner);
        let outer = heap.collection(collection);
        assert!(heap.is_sound([outer].into_iter()));
        let broken = heap.object(Object::Collection(collection));
        assert!(!heap.is_sound([broken].into_iter()));
    }

    #[test]
    fn the_bytes_of_a_file_count() {
        let mut heap = Heap::default();
        let before = heap.used();
        let file = heap.file(File::new("a", vec![0; 100_000]));
        assert!(heap.used() >= before + 100_000);
        heap.collect(std::iter::once(Value::Null)).unwrap();
        assert!(heap.used() < 1_000);
        assert!(!heap.is_sound([file].into_iter()));
    }
}
