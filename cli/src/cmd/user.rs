//! `sluis user …`: people who can sign in, for whoever runs the server: the first of them, and those who
//! are locked out.

use crate::args::Global;
use crate::outcome::{Exit, Outcome, Problem};
use crate::{local_engine, runtime, terminal};
use clap::Subcommand;
use sluis_engine::Engine;
use sluis_engine::accounts::account::AccountChange;
use sluis_engine::accounts::{Account, Invited};
use sluis_lang::vm::Limits;
use sluis_model::access::{Office, Role};
use sluis_model::id::{OrgId, UserId};

/// The verbs about people.
#[derive(Debug, Subcommand)]
#[command(after_help = "\
Examples:
  sluis user invite ada@example.com --office operator
  sluis user list")]
pub enum UserVerb {
    /// Invite somebody; the invitation is shown once
    #[command(after_help = "\
Examples:
  sluis user invite ada@example.com --office operator
  sluis user invite grace@example.com --org acme --role admin")]
    Invite {
        /// Their e-mail address
        user: UserId,
        /// What they are to be above organisations: operator or developer; may be given more than once
        #[arg(long, value_name = "OFFICE")]
        office: Vec<Office>,
        /// The organisation that they are to belong to
        #[arg(long, value_name = "ORG", conflicts_with = "office", requires = "role")]
        org: Option<OrgId>,
        /// What they are to be there: admin, author, member or auditor
        #[arg(long, value_name = "ROLE", requires = "org")]
        role: Option<Role>,
    },
    /// Invite somebody who has forgotten their password to choose another
    #[command(after_help = "\
Examples:
  sluis user reset-password ada@example.com
  sluis user list && sluis user reset-password ada@example.com")]
    ResetPassword {
        /// Their e-mail address
        user: UserId,
    },
    /// List people: address, name, what they are above organisations and in them
    #[command(after_help = "\
Examples:
  sluis user list
  sluis user list | grep operator")]
    List,
    /// End somebody's access: their sessions and tokens count no more
    #[command(after_help = "\
Examples:
  sluis user end ada@example.com
  sluis user end ada@example.com && sluis user list")]
    End {
        /// Their e-mail address
        user: UserId,
    },
}

/// Runs the verb.
pub fn run(global: &Global, verb: &UserVerb) -> Outcome {
    let engine = local_engine::build(global, Limits::local())?;
    runtime::on_this_thread(async {
        let done = carry_out(&engine, verb).await;
        engine.close().await?;
        done
    })
}

async fn carry_out(engine: &Engine, verb: &UserVerb) -> Outcome {
    match verb {
        UserVerb::Invite { user, office, org, role } => {
            let invited = match (org, role) {
                (Some(org), Some(role)) => Invited::Join { org: org.clone(), role: *role },
                _ => Invited::Office { offices: office.iter().copied().collect() },
            };
            invite(engine, user, invited).await?;
        }
        UserVerb::ResetPassword { user } => invite(engine, user, Invited::Password).await?,
        UserVerb::List => {
            let accounts = engine.accounts().await?;
            for account in &accounts {
                terminal::out(line(engine, account).await?);
            }
            if accounts.is_empty() {
                terminal::note(
                    "there is nobody; invite somebody with: sluis user invite ADDRESS --office operator",
                );
            }
        }
        UserVerb::End { user } => {
            let change = AccountChange { active: Some(false), ..AccountChange::default() };
            let account = engine.change_account(user, change).await?;
            terminal::success(format!("the access of {} is ended", account.user));
        }
    }
    Ok(Exit::Done)
}

async fn invite(engine: &Engine, user: &UserId, invited: Invited) -> Result<(), Problem> {
    let (text, invitation) = engine.invite(user, invited).await?;
    terminal::out(text.expose());
    terminal::note(format!(
        "this is shown once; {} accepts it: POST /api/v1/invitations/accept {{\"invitation\": …, \"password\": …}}",
        invitation.user
    ));
    Ok(())
}

async fn line(engine: &Engine, account: &Account) -> Result<String, Problem> {
    let offices = account.offices.iter().map(|office| office.as_str().to_owned());
    let orgs = engine.orgs_of(&account.user).await?;
    let roles = orgs.into_iter().map(|member| format!("{} of {}", member.role, member.org));
    let all: Vec<String> = offices.chain(roles).collect();
    let ended = if account.ended_at.is_some() { "  (ended)" } else { "" };
    Ok(format!("{}  {}  {}{ended}", account.user, account.name, all.join(", ")))
}
