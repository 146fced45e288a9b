//! What a run may use, and where it runs.

use crate::codes;
use crate::value::fault::Fault;
use crate::value::heap::Platform;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// What a run may use at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Units of work in all: about one per instruction of a loop turn, per call and per element or
    /// 16 bytes that a built-in touches.
    pub fuel: u64,
    /// Bytes that may be alive.
    pub memory: usize,
    /// Bytes of one text.
    pub text: usize,
    /// Calls inside each other.
    pub depth: u32,
    /// Statements that may still be executed; only a program that was built to count them
    /// ([`Environment::count_statements`](crate::check::Environment)) looks at it.
    pub statements: u64,
    /// Where the numbers come from; other platforms also limit what single built-ins take.
    pub profile: Profile,
}

impl Limits {
    /// For a script on its author's own machine.
    pub const fn local() -> Self {
        Self {
            fuel: 50_000_000,
            memory: 256 << 20,
            text: 64 << 20,
            depth: 200,
            statements: u64::MAX,
            profile: Profile::Local,
        }
    }

    /// For a script of one organisation among many.
    pub const fn server() -> Self {
        Self {
            fuel: 20_000_000,
            memory: 64 << 20,
            text: 16 << 20,
            depth: 100,
            statements: u64::MAX,
            profile: Profile::Server,
        }
    }

    /// Those of a profile.
    pub const fn of(profile: Profile) -> Self {
        match profile {
            Profile::Local => Self::local(),
            Profile::Server => Self::server(),
            Profile::Crm => Self { depth: 75, statements: 200_000, profile, ..Self::local() },
            Profile::Creator => Self { depth: 75, statements: 5_000, profile, ..Self::local() },
        }
    }

    /// The fault of a script that executed all the statements its platform allows.
    #[cold]
    pub(super) fn too_many_statements(&self) -> Box<Fault> {
        let allowed = Limits::of(self.profile).statements;
        let platform = self.profile.platform().map_or("the platform", |platform| platform.name);
        let text = format!("the script executed more than {allowed} statements; {platform} allows no more");
        Fault::new(codes::PLATFORM_LIMIT, text)
            .with_help("this limit comes from the profile of the run; a loop counts its body at each turn")
    }

    /// Whether a program must be built to count its statements.
    pub const fn counts_statements(&self) -> bool {
        self.profile.statements().is_some()
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::local()
    }
}

/// A named set of limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Profile {
    /// An author's own machine.
    #[default]
    Local,
    /// One organisation among many.
    Server,
    /// What functions in Zoho CRM may use, as documented.
    Crm,
    /// What functions in Zoho Creator may use, as documented for its smallest plan.
    Creator,
}

const CRM: Platform = Platform {
    name: "Zoho CRM",
    text: 300 << 10,
    json: 5 << 20,
    added: 50_000,
    padding: 10_000,
    file: 2 << 20,
};
const CREATOR: Platform = Platform { name: "Zoho Creator", added: 25_000, ..CRM };

impl Profile {
    /// All of them.
    pub const ALL: [Profile; 4] = [Profile::Local, Profile::Server, Profile::Crm, Profile::Creator];

    /// Its name, as `sluis run --profile` takes it.
    pub const fn name(self) -> &'static str {
        match self {
            Profile::Local => "local",
            Profile::Server => "server",
            Profile::Crm => "crm",
            Profile::Creator => "creator",
        }
    }

    /// What the platform allows its built-ins, if the profile is one of another platform.
    pub const fn platform(self) -> Option<&'static Platform> {
        match self {
            Profile::Local | Profile::Server => None,
            Profile::Crm => Some(&CRM),
            Profile::Creator => Some(&CREATOR),
        }
    }

    /// Statements that the platform executes in one run.
    pub const fn statements(self) -> Option<u64> {
        match self {
            Profile::Local | Profile::Server => None,
            Profile::Crm | Profile::Creator => Some(Limits::of(self).statements),
        }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Profile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|profile| profile.name().eq_ignore_ascii_case(text)).ok_or_else(|| {
            let known: Vec<&str> = Self::ALL.iter().map(|profile| profile.name()).collect();
            format!("there is no profile `{text}`; there are {}", known.join(", "))
        })
    }
}

/// Where a run takes place.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Time zone of the organisation.
    pub zone: TimeZone,
    /// Collects garbage at every safe point: slow, for tests.
    pub stress_collection: bool,
    /// Comes back after every instruction, for tests of interruption. Only builds with debug
    /// assertions heed it: in the others it would cost every instruction a look.
    pub stress_interruption: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { zone: TimeZone::UTC, stress_collection: false, stress_interruption: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_is_found_by_its_name_in_any_case() {
        for profile in Profile::ALL {
            assert_eq!(profile.name().to_uppercase().parse(), Ok(profile));
            assert_eq!(Limits::of(profile).profile, profile);
            assert_eq!(Limits::of(profile).counts_statements(), profile.platform().is_some());
        }
        assert!("zoho".parse::<Profile>().unwrap_err().contains("creator"));
    }
}
