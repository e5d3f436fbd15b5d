//! A call whose answer comes at once.

use super::attempt::{Mode, Reply};
use super::run::Run;
use super::schema::Form;
use groundswell_domain::error::Error;
use groundswell_domain::llm::{
    Answer, ChatRequest, Completion, Fingerprint, Finish, GateFailure, GateFailureKind, Hop, Outcome, check,
};
use groundswell_domain::validate::Problems;
use serde_json::Value;

/// Asks until somebody answers, and writes down what came of it.
pub(super) async fn complete(mut run: Run) -> Result<Answer, GateFailure> {
    let result = answer(&mut run).await;
    run.record(result.as_ref()).await;
    result
}

async fn answer(run: &mut Run) -> Result<Answer, GateFailure> {
    let (plan, form) = prepare(run).await?;
    let fingerprint = run
        .call
        .cache
        .then(|| Fingerprint::of(&run.call, &plan, &run.policy));
    if let Some(kept) = find_kept(run, fingerprint.as_ref()).await {
        return Ok(kept);
    }
    let request = run.call.request.clone();
    let (mut hop, mut completion) = whole(run, &plan, &request).await?;
    let mut json = None;
    if let Some(form) = form {
        match judge(&form, &completion) {
            Ok(value) => json = value,
            Err(problems) => {
                run.amend(Outcome::SchemaMismatch, problems.first().cloned());
                if completion.finish == Finish::Length {
                    return Err(mismatch(run, problems));
                }
                let again = form.repair(&request, &completion.text, &problems);
                (hop, completion) = whole(run, std::slice::from_ref(&hop), &again).await?;
                json = judge(&form, &completion).map_err(|problems| {
                    run.amend(Outcome::SchemaMismatch, problems.first().cloned());
                    mismatch(run, problems)
                })?;
            }
        }
    }
    let answer = run.answer(&hop, completion, json);
    keep(run, fingerprint.as_ref(), &answer).await;
    Ok(answer)
}

/// What is checked before anybody is asked: the call itself, its schema, and whom it can go to.
pub(super) async fn prepare(run: &mut Run) -> Result<(Vec<Hop>, Option<Form>), GateFailure> {
    let mut problems = Problems::new();
    check(&mut problems, &run.call);
    let form = run.call.request.schema.as_ref().and_then(|schema| {
        let form = Form::compile(schema);
        problems.take("schema.schema", form)
    });
    if let Err(error) = problems.finish() {
        let message = error.to_string();
        let fields = match error {
            Error::Invalid(fields) => fields,
            _ => Vec::new(),
        };
        return Err(run.fail(GateFailureKind::Invalid(fields), message));
    }
    let organization = run.call.spender.organization;
    let policy = run.gate.ports.policies.policy(organization).await;
    run.policy = policy.map_err(|error| run.store_failed("routing of calls", &error))?;
    let plan = run
        .policy
        .routing
        .plan(&run.call, &run.policy.profiles, &run.gate.catalogue);
    if plan.is_empty() {
        let message = match &run.call.choice.model {
            Some(model) => format!("nobody knows a model {model}: name its provider, too"),
            None => "no provider is in the order of this organization".to_owned(),
        };
        return Err(run.fail(GateFailureKind::NobodyToAsk, message));
    }
    Ok((plan, form))
}

async fn whole(run: &mut Run, plan: &[Hop], request: &ChatRequest) -> Result<(Hop, Completion), GateFailure> {
    let won = run.find(plan, request, Mode::Whole).await?;
    match won.reply {
        Reply::Whole(completion) => Ok((won.place.hop.clone(), *completion)),
        Reply::Stream(_) => Err(run.fail(
            GateFailureKind::Internal,
            "a stream came where none was asked for",
        )),
    }
}

/// The value that was asked for; `None` where the model answered with something else by right: a refusal, or calls of tools.
pub(super) fn judge(form: &Form, completion: &Completion) -> Result<Option<Value>, Vec<String>> {
    if completion.finish == Finish::Refused || !completion.tool_calls.is_empty() {
        return Ok(None);
    }
    form.read(&completion.text).map(Some).map_err(|mut problems| {
        if completion.finish == Finish::Length {
            problems.insert(0, "the answer was cut at max_output_tokens".to_owned());
        }
        problems
    })
}

pub(super) fn mismatch(run: &Run, problems: Vec<String>) -> GateFailure {
    let message = format!(
        "the model's answer does not follow the schema: {}",
        problems.first().map_or("it can't be read", String::as_str)
    );
    run.fail(GateFailureKind::SchemaMismatch(problems), message)
}

async fn find_kept(run: &Run, fingerprint: Option<&Fingerprint>) -> Option<Answer> {
    let organization = run.call.spender.organization;
    let kept = run
        .gate
        .ports
        .cache
        .find(organization, fingerprint?, run.now())
        .await;
    match kept {
        Ok(kept) => kept.map(|kept| run.again(kept)),
        Err(error) => {
            tracing::warn!(%error, "kept answers can't be read");
            None
        }
    }
}

/// Only what is whole is given again. What rules made is made again at no cost, once models can be asked.
async fn keep(run: &Run, fingerprint: Option<&Fingerprint>, answer: &Answer) {
    let Some(fingerprint) = fingerprint else {
        return;
    };
    let is_builtin = Some(&answer.provider)
        == groundswell_domain::llm::Routing::builtin()
            .map(|hop| hop.provider)
            .as_ref();
    if answer.finish != Finish::Stop || is_builtin {
        return;
    }
    let until = run.now() + chrono::TimeDelta::from_std(run.policy.cache_for).unwrap_or_default();
    let organization = run.call.spender.organization;
    if let Err(error) = run
        .gate
        .ports
        .cache
        .keep(organization, fingerprint, answer, until)
        .await
    {
        tracing::warn!(%error, "an answer can't be kept");
    }
}
