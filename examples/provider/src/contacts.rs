//! The address book of the sample person, without HTTP: contacts by number, and the checks that a
//! new one must pass.

mod draft;

pub(crate) use draft::{FieldError, parse_contact};
use serde::Serialize;
use std::collections::BTreeMap;

/// A contact as the API gives it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Contact {
    /// Number of the contact, in digits. Assigned by the provider and never used again.
    pub id: String,
    /// Path-like name, `contacts/{id}`.
    pub resource_name: String,
    /// Names; the first is the one shown.
    pub names: Vec<Name>,
    /// E-mail addresses.
    pub email_addresses: Vec<Valued>,
    /// Telephone numbers.
    pub phone_numbers: Vec<Valued>,
}

/// A name in two parts, either of which may be absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Name {
    /// The given (first) name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given_name: Option<String>,
    /// The family (last) name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family_name: Option<String>,
}

/// A value with an optional label such as `home`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Valued {
    /// The address or number itself.
    pub value: String,
    /// What kind it is, in the person's own word.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

/// A contact that has passed the checks and has no number yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Draft {
    pub names: Vec<Name>,
    pub email_addresses: Vec<Valued>,
    pub phone_numbers: Vec<Valued>,
}

/// One page of a listing.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ContactPage {
    pub contacts: Vec<Contact>,
    pub total_items: usize,
    /// Give it back as `pageToken` for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_page_token: Option<String>,
}

/// All contacts.
#[derive(Default)]
pub(crate) struct AddressBook {
    contacts: BTreeMap<u64, Contact>,
    last_id: u64,
}

impl AddressBook {
    pub(crate) fn add(&mut self, draft: Draft) -> Contact {
        self.last_id += 1;
        let contact = Contact {
            id: self.last_id.to_string(),
            resource_name: format!("contacts/{}", self.last_id),
            names: draft.names,
            email_addresses: draft.email_addresses,
            phone_numbers: draft.phone_numbers,
        };
        self.contacts.insert(self.last_id, contact.clone());
        contact
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Contact> {
        self.contacts.get(&id.parse().ok()?)
    }

    pub(crate) fn remove(&mut self, id: &str) -> Option<Contact> {
        self.contacts.remove(&id.parse().ok()?)
    }

    pub(crate) fn all(&self) -> Vec<Contact> {
        self.contacts.values().cloned().collect()
    }

    /// At most `size` contacts with numbers above `after`.
    pub(crate) fn page(&self, after: u64, size: usize) -> ContactPage {
        let mut rest = self.contacts.range(after.saturating_add(1)..);
        let contacts: Vec<_> = rest.by_ref().take(size).map(|(_, contact)| contact.clone()).collect();
        let more = rest.next().is_some();
        let next_page_token = contacts.last().filter(|_| more).map(|contact| contact.id.clone());
        ContactPage { contacts, total_items: self.contacts.len(), next_page_token }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn book(size: usize) -> AddressBook {
        let mut book = AddressBook::default();
        (0..size).for_each(|_| {
            book.add(Draft::default());
        });
        book
    }

    #[test]
    fn a_number_is_not_used_again() {
        let mut book = book(2);
        assert!(book.remove("2").is_some());
        assert_eq!(book.add(Draft::default()).id, "3");
        assert!(book.get("2").is_none() && book.remove("2").is_none());
    }

    #[test]
    fn a_listing_goes_page_by_page_to_its_end() {
        let book = book(5);
        let first = book.page(0, 2);
        assert_eq!((first.contacts.len(), first.total_items), (2, 5));
        assert_eq!(first.next_page_token.as_deref(), Some("2"));
        let last = book.page(3, 2);
        assert_eq!(last.contacts.len(), 2);
        assert_eq!(last.next_page_token, None, "an exactly full last page has no successor");
    }
}
