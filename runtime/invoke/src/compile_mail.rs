//! Mails from a definition to templates.

use crate::definition_error::DefinitionFault;
use crate::evaluate;
use sluis_model::mail_body::{MailBody, Texts, header_fault};
use sluis_model::template::{Braces, Expression, Template};

/// A mail with placeholders.
#[derive(Debug, Clone)]
pub(crate) struct MailTemplate {
    pub(crate) from: Template,
    pub(crate) sender: Option<Template>,
    pub(crate) to: Vec<Template>,
    pub(crate) cc: Vec<Template>,
    pub(crate) bcc: Vec<Template>,
    pub(crate) reply_to: Vec<Template>,
    pub(crate) subject: Option<Template>,
    pub(crate) text: Option<Template>,
    pub(crate) html: Option<Template>,
    pub(crate) headers: Vec<(String, Template)>,
    /// Each the one placeholder.
    pub(crate) attachments: Vec<Template>,
}

impl MailTemplate {
    pub(crate) fn compile(mail: &MailBody) -> Result<Self, DefinitionFault> {
        let one = |source: &str| evaluate::template(source, Braces::Dollar);
        let optional = |source: &Option<String>| source.as_deref().map(one).transpose();
        let several = |texts: &Texts| texts.as_slice().iter().map(|text| one(text)).collect::<Result<_, _>>();
        let header = |(name, source): (&String, &String)| match header_fault(name) {
            Some(_) => Err(DefinitionFault::BadHeader { name: name.clone() }),
            None => Ok((name.clone(), one(source)?)),
        };
        let attachments: Vec<Template> = several(&mail.attachments)?;
        if attachments.iter().any(|template| template.sole_slot().is_none()) {
            return Err(DefinitionFault::NotOnePlaceholder);
        }
        Ok(Self {
            from: one(&mail.from)?,
            sender: optional(&mail.sender)?,
            to: several(&mail.to)?,
            cc: several(&mail.cc)?,
            bcc: several(&mail.bcc)?,
            reply_to: several(&mail.reply_to)?,
            subject: optional(&mail.subject)?,
            text: optional(&mail.text)?,
            html: optional(&mail.html)?,
            headers: mail.headers.iter().map(header).collect::<Result<_, _>>()?,
            attachments,
        })
    }

    /// Every template.
    fn templates(&self) -> impl Iterator<Item = &Template> {
        let single = [Some(&self.from), self.sender.as_ref(), self.subject.as_ref()];
        let content = [self.text.as_ref(), self.html.as_ref()];
        let addresses = self.to.iter().chain(&self.cc).chain(&self.bcc).chain(&self.reply_to);
        let headers = self.headers.iter().map(|(_, template)| template);
        single.into_iter().chain(content).flatten().chain(addresses).chain(headers).chain(&self.attachments)
    }

    /// Tells every expression.
    pub(crate) fn visit_slots<'a>(&'a self, visit: &mut dyn FnMut(&'a Expression)) {
        self.templates().flat_map(Template::slots).for_each(visit);
    }
}
