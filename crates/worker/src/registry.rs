//! The one list of jobs: which payload goes to which use-case.

use groundswell_app::jobs::{Progress, Stop};
use groundswell_app::{
    App, campaigns, duplicates, email, enrichment, forms, leads, privacy, qualification, schedules, scoring,
    segments, sequences,
};
use groundswell_domain::campaigns::{RunAbTest, SendCampaign, SnapshotAudience, StartCampaign};
use groundswell_domain::duplicates::{CompareNewLeads, ScanDuplicates};
use groundswell_domain::email::classify::ReclassifyEvents;
use groundswell_domain::email::{CheckDomain, DeliverMessage, SettleDoubts, TakeVisits, VerifyLeads};
use groundswell_domain::enrichment::{EnrichLead, EnrichNewLeads};
use groundswell_domain::forms::{FollowConfirmation, FollowUp};
use groundswell_domain::jobs::{ClaimedJob, JobPayload, Queue};
use groundswell_domain::leads::prediction::{ScoreLeads, TrainPrediction};
use groundswell_domain::leads::{RunImport, SyncSource, UndoImport};
use groundswell_domain::privacy::{ApplyRetention, BuildExport, EraseOrganization};
use groundswell_domain::qualification::{QualifyLeads, RequalifyLeads};
use groundswell_domain::schedules::RunSchedule;
use groundswell_domain::scoring::RescoreLeads;
use groundswell_domain::segments::FreezeSegment;
use groundswell_domain::sequences::{
    AfterSubmission, CallSequenceWebhook, DeliverSequenceMails, DraftOutreach, EnrollAudience, LookAtLeads,
    LookForLeads, MoveEnrollments, RunSequences, SendApproved,
};
use groundswell_domain::{Error, Scope};

/// Those that hand mails over. While no mail may leave they wait in the queue.
const SENDING: [&str; 3] = [
    DeliverMessage::KIND,
    DeliverSequenceMails::KIND,
    SendCampaign::KIND,
];

/// The kinds that may be claimed now.
pub(crate) fn claimable<'a>(app: &App, kinds: &[&'a str]) -> Vec<&'a str> {
    let halted = app.is_halted();
    let may = |kind: &&&str| !(halted && SENDING.contains(*kind));
    kinds.iter().filter(may).copied().collect()
}

/// Why a handler gave no result.
pub(crate) enum Trouble {
    /// Trying again would not help.
    Undecodable(String),
    Failed(Error),
}

fn payload<P: JobPayload>(job: &ClaimedJob) -> Result<P, Trouble> {
    serde_json::from_value(job.payload.clone())
        .map_err(|error| Trouble::Undecodable(format!("the payload of {} can't be read: {error}", P::KIND)))
}

macro_rules! registry {
    ($(|$app:ident, $scope:ident, $job:ident: $payload:ty, $stop:ident| $call:expr;)*) => {
        /// Every kind of job that this worker can run.
        pub const KINDS: &[&str] = &[$(<$payload as JobPayload>::KIND),*];

        /// The same with the queue of each.
        pub(crate) const QUEUES: &[(Queue, &str)] = &[$((<$payload as JobPayload>::QUEUE, <$payload as JobPayload>::KIND)),*];

        pub(crate) async fn dispatch(app: &App, scope: &Scope, claimed: &ClaimedJob, stop: &Stop) -> Result<Progress, Trouble> {
            $(if claimed.kind == <$payload as JobPayload>::KIND {
                let ($app, $scope, $stop) = (app, scope, stop);
                let $job = &payload::<$payload>(claimed)?;
                let _ = $stop;
                // On the heap: all of them together are too much for the stack of whoever waits.
                let done: Result<Progress, Error> = Box::pin(async { $call }).await;
                return done.map_err(Trouble::Failed);
            })*
            Err(Trouble::Undecodable(format!("no handler knows jobs of kind {}", claimed.kind)))
        }
    };
}

registry! {
    |app, scope, job: FollowUp, stop| forms::follow_up(app, scope, job).await.map(|()| Progress::Done);
    |app, scope, job: FollowConfirmation, stop| forms::follow_confirmation(app, scope, job).await.map(|()| Progress::Done);
    |app, scope, job: RunImport, stop| leads::run_import(app, scope, job, stop).await;
    |app, scope, job: SyncSource, stop| leads::run_sync(app, scope, job, stop).await;
    |app, scope, job: UndoImport, stop| leads::run_undo(app, scope, job, stop).await;
    |app, scope, job: VerifyLeads, stop| { let _ = job; leads::verify_leads(app, scope, stop).await };
    |app, scope, job: TrainPrediction, stop| { let _ = job; crate::prediction::train(app, scope, stop).await };
    |app, scope, job: ScoreLeads, stop| leads::prediction::score_leads(app, scope, job, stop).await;
    |app, scope, job: ScanDuplicates, stop| duplicates::scan_duplicates(app, scope, job, stop).await;
    |app, scope, job: CompareNewLeads, stop| { let _ = job; duplicates::compare_new(app, scope, stop).await };
    |app, scope, job: EnrichLead, stop| enrichment::enrich_lead(app, scope, job, stop).await;
    |app, scope, job: EnrichNewLeads, stop| { let _ = job; enrichment::enrich_new_leads(app, scope).await };
    |app, scope, job: ReclassifyEvents, stop| email::reclassify(app, scope, job, stop).await;
    |app, scope, job: TakeVisits, stop| { let _ = job; email::take_visits(app, scope, stop).await };
    |app, scope, job: SettleDoubts, stop| { let _ = job; email::settle_doubts(app, scope, stop).await };
    |app, scope, job: DeliverMessage, stop| email::deliver_message(app, scope, job).await;
    |app, scope, job: CheckDomain, stop| email::check_again(app, scope, job).await.map(|()| Progress::Done);
    |app, scope, job: StartCampaign, stop| campaigns::start_scheduled(app, scope, job).await.map(|()| Progress::Done);
    |app, scope, job: SnapshotAudience, stop| campaigns::snapshot_audience(app, scope, job, stop).await;
    |app, scope, job: FreezeSegment, stop| segments::write_members(app, scope, job, stop).await;
    |app, scope, job: ApplyRetention, stop| { let _ = job; privacy::apply_retention(app, scope, stop).await };
    |app, scope, job: BuildExport, stop| privacy::build_export(app, scope, job, stop).await;
    |app, scope, job: EraseOrganization, stop| { let _ = job; privacy::erase_organization(app, scope, stop).await };
    |app, scope, job: RescoreLeads, stop| scoring::rescore_leads(app, scope, job, stop).await;
    |app, scope, job: QualifyLeads, stop| qualification::qualify_leads(app, scope, job).await.map(|()| Progress::Done);
    |app, scope, job: RequalifyLeads, stop| qualification::requalify_leads(app, scope, job, stop).await;
    |app, scope, job: RunSchedule, stop| schedules::run_scheduled(app, scope, job).await;
    |app, scope, job: RunAbTest, stop| campaigns::run_ab_test(app, scope, job, stop).await;
    |app, scope, job: RunSequences, stop| sequences::run_sequences(app, scope, job, stop).await;
    |app, scope, job: DeliverSequenceMails, stop| sequences::deliver_mails(app, scope, job, stop).await;
    |app, scope, job: AfterSubmission, stop| sequences::after_submission(app, scope, job).await.map(|()| Progress::Done);
    |app, scope, job: EnrollAudience, stop| sequences::enroll_audience(app, scope, job, stop).await;
    |app, scope, job: LookForLeads, stop| sequences::look_for_leads(app, scope, job, stop).await;
    |app, scope, job: LookAtLeads, stop| sequences::look_at_leads(app, scope, job, stop).await;
    |app, scope, job: MoveEnrollments, stop| sequences::move_enrollments(app, scope, job, stop).await;
    |app, scope, job: CallSequenceWebhook, stop| sequences::call_webhook(app, scope, job, stop).await;
    |app, scope, job: DraftOutreach, stop| sequences::write_drafts(app, scope, job, stop).await;
    |app, scope, job: SendApproved, stop| sequences::send_approved(app, scope, job, stop).await;
    |app, scope, job: SendCampaign, stop| campaigns::send_campaign(app, scope, job, stop).await;
}
