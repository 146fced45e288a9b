//! A disk that fails while it is told to, for the tests below: the store must refuse writes
//! clearly, lose nothing, and go on by itself when the disk works again.

use super::open::prepare;
use super::start;
use crate::error::StoreError;
use crate::key::{Key, Table};
use crate::store::{Change, Expect, Store};
use redb::{Builder, Database, StorageBackend};
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

#[derive(Debug, Clone, Default)]
struct Disk {
    bytes: Arc<Mutex<Vec<u8>>>,
    full: Arc<AtomicBool>,
    panics: Arc<AtomicBool>,
}

impl Disk {
    fn with<T>(&self, work: impl FnOnce(&mut Vec<u8>) -> T) -> T {
        work(&mut self.bytes.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn admit(&self) -> io::Result<()> {
        assert!(!self.panics.load(Ordering::SeqCst), "the disk panics because the test wants it");
        match self.full.load(Ordering::SeqCst) {
            true => Err(io::ErrorKind::StorageFull.into()),
            false => Ok(()),
        }
    }

    fn open(&self) -> Result<Database, StoreError> {
        let opened = Builder::new().create_with_backend(self.clone());
        opened.map_err(|error| super::file::translate("open", error.into()))
    }

    async fn store(&self) -> Arc<dyn Store> {
        let (first, again) = (self.clone(), self.clone());
        let first = move || {
            let database = first.open()?;
            prepare(&database)?;
            Ok(database)
        };
        start(Box::new(first), Box::new(move || again.open())).await.unwrap()
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> Result<u64, io::Error> {
        Ok(self.with(|bytes| bytes.len() as u64))
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<(), io::Error> {
        let start = offset as usize;
        self.with(|bytes| out.copy_from_slice(&bytes[start..start + out.len()]));
        Ok(())
    }

    fn set_len(&self, len: u64) -> Result<(), io::Error> {
        if len > self.len()? {
            self.admit()?;
        }
        self.with(|bytes| bytes.resize(len as usize, 0));
        Ok(())
    }

    fn sync_data(&self) -> Result<(), io::Error> {
        self.admit()
    }

    fn write(&self, offset: u64, data: &[u8]) -> Result<(), io::Error> {
        self.admit()?;
        let start = offset as usize;
        self.with(|bytes| bytes[start..start + data.len()].copy_from_slice(data));
        Ok(())
    }
}

fn key(n: u32) -> Key {
    Key::system(Table::Runs, n.to_string())
}

fn put(n: u32) -> Vec<Change> {
    vec![Change::Put { key: key(n), bytes: vec![7; 5_000], expect: Expect::Absent }]
}

#[tokio::test]
async fn a_full_disk_refuses_writes_and_the_store_goes_on_afterwards() {
    let disk = Disk::default();
    let store = disk.store().await;
    store.apply(put(1)).await.unwrap();
    for round in 0..3 {
        disk.full.store(true, Ordering::SeqCst);
        for _ in 0..3 {
            let error = store.apply(put(100)).await.unwrap_err();
            assert!(matches!(error, StoreError::Full { .. }), "{error:?}");
        }
        disk.full.store(false, Ordering::SeqCst);
        assert!(store.get(&key(1)).await.unwrap().is_some(), "no restart is needed");
        assert!(store.get(&key(100)).await.unwrap().is_none(), "what was refused is not there");
        store.apply(put(2 + round)).await.unwrap();
    }
    store.close().await.unwrap();
}

#[tokio::test]
async fn the_message_of_a_full_disk_says_what_to_do() {
    let disk = Disk::default();
    let store = disk.store().await;
    disk.full.store(true, Ordering::SeqCst);
    let error = store.apply(put(1)).await.unwrap_err().to_string();
    assert!(error.contains("could not write") && error.contains("free some space"), "{error}");
}

#[tokio::test]
async fn a_panic_while_writing_ends_the_call_and_not_the_store() {
    let disk = Disk::default();
    let store = disk.store().await;
    store.apply(put(1)).await.unwrap();
    disk.panics.store(true, Ordering::SeqCst);
    let error = store.apply(put(2)).await.unwrap_err();
    assert!(matches!(error, StoreError::Broken { .. }), "{error:?}");
    disk.panics.store(false, Ordering::SeqCst);
    assert!(store.get(&key(1)).await.unwrap().is_some());
    store.apply(put(3)).await.unwrap();
    store.close().await.unwrap();
}
