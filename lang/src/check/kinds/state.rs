//! What is known at one point of a script: the kinds of every variable, and the keys of the maps
//! that the script builds itself. Changes are kept on a trail, so that a branch can be taken back
//! and joined with its neighbours at the cost of what it changed.

use super::set::KindSet;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

/// Most keys of one map that are followed.
const MAX_KEYS: usize = 256;

/// What is known of one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fact {
    /// What it may be.
    pub kinds: KindSet,
    /// Whether there may be no value at all.
    pub unset: bool,
    /// The place that made the map it is, if that is known.
    pub site: Option<u32>,
}

impl Fact {
    pub const ANY: Fact = Fact::of(KindSet::ANY);
    const UNSET: Fact = Fact { kinds: KindSet::NONE, unset: true, site: None };

    pub const fn of(kinds: KindSet) -> Self {
        Self { kinds, unset: false, site: None }
    }

    fn union(self, other: Self) -> Self {
        let site = match (self.kinds.is_empty(), other.kinds.is_empty()) {
            (true, _) => other.site,
            (_, true) => self.site,
            _ => self.site.filter(|site| other.site == Some(*site)),
        };
        Self { kinds: self.kinds.union(other.kinds), unset: self.unset || other.unset, site }
    }
}

/// What is known of a key of a map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Key {
    /// What its value may be.
    pub kinds: KindSet,
    /// Whether every way that leads here has put it.
    pub always: bool,
}

/// What is known of a map that the script builds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Shape<'a> {
    /// The keys that some way has put.
    pub keys: BTreeMap<&'a str, Key>,
    /// Whether there may be other keys, or some may be gone.
    pub open: bool,
}

impl<'a> Shape<'a> {
    pub fn put(&mut self, key: &'a str, kinds: KindSet) {
        if self.keys.len() >= MAX_KEYS {
            self.open = true;
            return;
        }
        self.keys.insert(key, Key { kinds, always: true });
    }

    fn union(&self, other: &Shape<'a>) -> Shape<'a> {
        let mut keys = self.keys.clone();
        for (name, key) in &mut keys {
            key.always &= other.keys.contains_key(name);
        }
        for (name, theirs) in &other.keys {
            keys.entry(name)
                .and_modify(|key| {
                    key.kinds = key.kinds.union(theirs.kinds);
                    key.always &= theirs.always;
                })
                .or_insert(Key { always: false, ..*theirs });
        }
        Shape { keys, open: self.open || other.open }
    }

    fn widened(&self) -> Shape<'a> {
        let keys = self.keys.keys().map(|name| (*name, Key { kinds: KindSet::ANY, always: false }));
        Shape { keys: keys.collect(), open: true }
    }
}

type SharedShape<'a> = Option<Rc<Shape<'a>>>;

/// What a stretch of the script changed, and whether its end can be reached.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Changes<'a> {
    facts: HashMap<u32, Fact>,
    shapes: HashMap<u32, SharedShape<'a>>,
    reachable: bool,
}

impl Changes<'_> {
    /// A way on which nothing changes.
    pub fn none() -> Self {
        Self { facts: HashMap::new(), shapes: HashMap::new(), reachable: true }
    }

    /// A way that is never taken.
    pub fn never() -> Self {
        Self { reachable: false, ..Self::none() }
    }

    /// The variables that changed.
    pub fn facts(&self) -> impl Iterator<Item = (&u32, &Fact)> {
        self.facts.iter()
    }

    pub fn is_reachable(&self) -> bool {
        self.reachable
    }

    /// Forgets everything about what was changed.
    pub fn widen(&mut self) {
        for fact in self.facts.values_mut() {
            *fact = Fact { unset: fact.unset, ..Fact::ANY };
        }
        for shape in self.shapes.values_mut().flatten() {
            *shape = Rc::new(shape.widened());
        }
    }

    /// Leaves it to other ways whether a variable is unset: this one is not believed to happen
    /// without the others.
    pub fn trust_others(&mut self, state: &State<'_>, others: &[Changes<'_>]) {
        for var in others.iter().filter(|other| other.reachable).flat_map(|other| other.facts.keys()) {
            let mut fact = *self.facts.get(var).unwrap_or(&state.fact(*var));
            fact.unset = false;
            self.facts.insert(*var, fact);
        }
    }
}

enum Old<'a> {
    Fact(u32, Fact),
    Shape(u32, SharedShape<'a>),
}

/// The present point.
pub(crate) struct State<'a> {
    facts: Vec<Fact>,
    shapes: Vec<SharedShape<'a>>,
    trail: Vec<Old<'a>>,
    /// Whether the present point can be reached.
    pub reachable: bool,
}

impl<'a> State<'a> {
    pub fn new(variables: usize) -> Self {
        Self { facts: vec![Fact::UNSET; variables], shapes: Vec::new(), trail: Vec::new(), reachable: true }
    }

    pub fn fact(&self, var: u32) -> Fact {
        self.facts.get(var as usize).copied().unwrap_or(Fact::ANY)
    }

    pub fn variables(&self) -> usize {
        self.facts.len()
    }

    pub fn set(&mut self, var: u32, fact: Fact) {
        if let Some(place) = self.facts.get_mut(var as usize) {
            self.trail.push(Old::Fact(var, *place));
            *place = fact;
        }
    }

    /// The shape of a map that came into being at a site.
    pub fn shape(&self, site: u32) -> Option<&Rc<Shape<'a>>> {
        self.shapes.get(site as usize).and_then(Option::as_ref)
    }

    pub fn set_shape(&mut self, site: u32, shape: SharedShape<'a>) {
        let at = site as usize;
        if at >= self.shapes.len() {
            self.shapes.resize(at + 1, None);
        }
        self.trail.push(Old::Shape(site, std::mem::replace(&mut self.shapes[at], shape)));
    }

    /// Changes the shape of a map.
    pub fn reshape(&mut self, site: u32, change: impl FnOnce(&mut Shape<'a>)) {
        let Some(shape) = self.shape(site) else { return };
        let mut shape = shape.clone();
        change(Rc::make_mut(&mut shape));
        self.set_shape(site, Some(shape));
    }

    /// A map is made at a site: variables that still hold an older one of it lose their shape.
    pub fn make(&mut self, site: u32, shape: Shape<'a>) {
        if self.shape(site).is_some() {
            let stale: Vec<u32> = (0..self.facts.len() as u32)
                .filter(|var| self.facts[*var as usize].site == Some(site))
                .collect();
            for var in stale {
                let fact = self.fact(var);
                self.set(var, Fact { site: None, ..fact });
            }
        }
        self.set_shape(site, Some(Rc::new(shape)));
    }

    /// Where a branch begins.
    pub fn mark(&self) -> usize {
        self.trail.len()
    }

    /// What has changed since, without taking it back.
    pub fn changes(&self, mark: usize) -> Changes<'a> {
        let mut changes = Changes { reachable: self.reachable, ..Changes::none() };
        for old in self.trail.get(mark..).unwrap_or_default() {
            match old {
                Old::Fact(var, _) => {
                    changes.facts.insert(*var, self.fact(*var));
                }
                Old::Shape(site, _) => {
                    changes.shapes.insert(*site, self.shape(*site).cloned());
                }
            }
        }
        changes
    }

    /// The changes after which nothing is known of these variables, nor of any map.
    pub fn forgotten(&self, variables: impl Iterator<Item = u32>) -> Changes<'a> {
        let mut changes = Changes::none();
        for var in variables {
            // A turn before may have given it a value.
            changes.facts.insert(var, Fact::ANY);
        }
        let known = self.shapes.iter().zip(0..).filter_map(|(shape, site)| Some((site, shape.as_ref()?)));
        changes.shapes.extend(known.map(|(site, shape)| (site, Some(Rc::new(shape.widened())))));
        changes
    }

    /// Everything that was true of a variable at some moment since; for what may fault in between.
    pub fn moments(&self, mark: usize) -> Changes<'a> {
        let mut changes = Changes::none();
        for old in self.trail.get(mark..).unwrap_or_default() {
            match old {
                Old::Fact(var, old) => {
                    let fact = changes.facts.entry(*var).or_insert_with(|| self.fact(*var));
                    *fact = fact.union(*old);
                }
                Old::Shape(site, old) => {
                    let shape = changes.shapes.entry(*site).or_insert_with(|| self.shape(*site).cloned());
                    *shape = union_of(shape, old);
                }
            }
        }
        changes
    }

    /// Ends a branch: what it changed, which no longer counts.
    pub fn take(&mut self, mark: usize) -> Changes<'a> {
        let changes = self.changes(mark);
        self.undo(mark);
        changes
    }

    /// Takes back what changed since. Whether the point can be reached is for the caller to say.
    pub fn undo(&mut self, mark: usize) {
        while self.trail.len() > mark {
            match self.trail.pop() {
                Some(Old::Fact(var, fact)) => self.facts[var as usize] = fact,
                Some(Old::Shape(site, shape)) => self.shapes[site as usize] = shape,
                None => break,
            }
        }
    }

    /// Makes changes again.
    pub fn apply(&mut self, changes: &Changes<'a>) {
        for (var, fact) in &changes.facts {
            self.set(*var, *fact);
        }
        for (site, shape) in &changes.shapes {
            self.set_shape(*site, shape.clone());
        }
        self.reachable = changes.reachable;
    }

    /// What is true if one of these ways was taken. Not reachable if none of them is.
    pub fn joined(&self, ways: &[Changes<'a>]) -> Changes<'a> {
        let mut all = Changes::none();
        all.reachable = ways.iter().any(Changes::is_reachable);
        let ways: Vec<_> = ways.iter().filter(|way| way.reachable || !all.reachable).collect();
        for var in ways.iter().flat_map(|way| way.facts.keys()) {
            all.facts.entry(*var).or_insert_with(|| {
                let on = ways.iter().map(|way| way.facts.get(var).copied().unwrap_or(self.fact(*var)));
                on.reduce(Fact::union).unwrap_or(Fact::ANY)
            });
        }
        for site in ways.iter().flat_map(|way| way.shapes.keys()) {
            all.shapes.entry(*site).or_insert_with(|| {
                let base = || self.shape(*site).cloned();
                let on = ways.iter().map(|way| way.shapes.get(site).cloned().unwrap_or_else(base));
                on.reduce(|a, b| union_of(&a, &b)).flatten()
            });
        }
        all
    }
}

fn union_of<'a>(a: &SharedShape<'a>, b: &SharedShape<'a>) -> SharedShape<'a> {
    match (a, b) {
        (Some(a), Some(b)) if Rc::ptr_eq(a, b) => Some(a.clone()),
        (Some(a), Some(b)) => Some(Rc::new(a.union(b))),
        (some, none) => some.clone().or_else(|| none.clone()),
    }
}
