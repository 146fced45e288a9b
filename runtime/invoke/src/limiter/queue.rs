//! Who waits, and whose turn it is: orgs take turns, each in the order in which its calls came. So an org
//! with a thousand calls makes another with one wait for one call, not for a thousand.

use sluis_model::id::OrgId;
use std::collections::VecDeque;

/// A place in the queue.
pub type Ticket = u64;

/// Those who wait.
#[derive(Debug, Default)]
pub struct Queue {
    turns: VecDeque<(OrgId, VecDeque<Ticket>)>,
    last: Ticket,
    len: usize,
}

impl Queue {
    /// How many wait.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Queues up.
    pub fn push(&mut self, org: &OrgId) -> Ticket {
        self.last += 1;
        self.len += 1;
        match self.turns.iter_mut().find(|(other, _)| other == org) {
            Some((_, tickets)) => tickets.push_back(self.last),
            None => self.turns.push_back((org.clone(), VecDeque::from([self.last]))),
        }
        self.last
    }

    /// Whether it is this one's turn.
    pub fn is_next(&self, ticket: Ticket) -> bool {
        self.turns.front().and_then(|(_, tickets)| tickets.front()) == Some(&ticket)
    }

    /// How many would come before a new call of this org: as many of each other org as it has waiting
    /// itself, and its own.
    pub fn ahead_of(&self, org: &OrgId) -> usize {
        let own = self.turns.iter().find(|(other, _)| other == org).map_or(0, |(_, own)| own.len());
        let others = self.turns.iter().filter(|(other, _)| other != org);
        own + others.map(|(_, tickets)| tickets.len().min(own + 1)).sum::<usize>()
    }

    /// Takes the one whose turn it is out; its org's next turn comes after all others'.
    pub fn served(&mut self) {
        let Some((org, mut tickets)) = self.turns.pop_front() else { return };
        if tickets.pop_front().is_some() {
            self.len -= 1;
        }
        if !tickets.is_empty() {
            self.turns.push_back((org, tickets));
        }
    }

    /// Takes one out who gives up, wherever it stands.
    pub fn remove(&mut self, ticket: Ticket) {
        for (_, tickets) in &mut self.turns {
            let before = tickets.len();
            tickets.retain(|other| *other != ticket);
            self.len -= before - tickets.len();
        }
        self.turns.retain(|(_, tickets)| !tickets.is_empty());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn org(name: &str) -> OrgId {
        name.parse().unwrap()
    }

    #[test]
    fn orgs_take_turns() {
        let mut queue = Queue::default();
        let busy: Vec<Ticket> = (0..3).map(|_| queue.push(&org("busy"))).collect();
        assert_eq!((queue.ahead_of(&org("calm")), queue.ahead_of(&org("busy"))), (1, 3));
        let calm = queue.push(&org("calm"));
        let mut order = Vec::new();
        while queue.len() > 0 {
            let next = busy.iter().chain([&calm]).find(|ticket| queue.is_next(**ticket)).unwrap();
            order.push(*next);
            queue.served();
        }
        assert_eq!(order, [busy[0], calm, busy[1], busy[2]]);
    }

    #[test]
    fn who_gives_up_is_forgotten() {
        let mut queue = Queue::default();
        let (first, second) = (queue.push(&org("a")), queue.push(&org("b")));
        queue.remove(first);
        queue.remove(first);
        assert!(queue.is_next(second));
        assert_eq!(queue.len(), 1);
    }
}
