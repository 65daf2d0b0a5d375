"""Making what a test needs, through the services that make it in earnest."""

from uuid import uuid4

from django.contrib.auth import get_user_model

from diagnosis.models import Case, GenerationJob, Session
from diagnosis.services import Answer, claim_job, finish_job, import_cases, start_drive, start_session
from diagnosis.services import take_turn as human_turn
from medaction.domain.parser import parse_turn
from medaction.formats.rows import CaseRow
from medaction.formats.teaching import load_teaching_cases
from medaction.inference.port import Usage

ORDER = (
    '{"reasoning":"Weakness that **varies**.","differential":[{"dx":"Myasthenia gravis","p":0.6,"for":["o1.1"],'
    '"against":[]},{"dx":"Stroke","p":0.2,"for":[],"against":["o1.2"]}],'
    '"action":{"type":"order","tests":["Vital signs","Unobtainium level"]}}'
)
DIAGNOSE = (
    '{"reasoning":"Enough is known.","differential":[{"dx":"Stroke","p":0.7,"for":["r2.1"],"against":[]},'
    '{"dx":"Myasthenia gravis","p":0.2,"for":[],"against":[]}],"action":{"type":"diagnose","dx":"Stroke"}}'
)


def make_user(name: str | None = None):
    return get_user_model().objects.create_user(name or f"user-{uuid4().hex[:8]}", password="correct horse")


def make_case() -> Case:
    domain_case = load_teaching_cases()[0]
    existing = Case.objects.filter(slug=domain_case.id, is_current=True).first()
    if existing is None:
        report = import_cases(rows=[CaseRow(1, domain_case)])
        assert not report.errors
        existing = Case.objects.get(slug=domain_case.id)
    return existing


def make_session(owner=None, case: Case | None = None, model_key: str = "scripted:walk") -> Session:
    return start_session(
        owner=owner or make_user(), case=case or make_case(), model_key=model_key, idempotency_key=str(uuid4())
    )


def live_job(session: Session) -> GenerationJob:
    return session.jobs.get(state__in=["QUEUED", "RUNNING"])


def make_answer(text: str = ORDER, *, must_diagnose: bool = False, rejected: str | None = None) -> Answer:
    return Answer(
        text=text,
        turn=parse_turn(text, must_diagnose=must_diagnose),
        rejected_text=rejected,
        finish_reason="stop",
        usage=Usage(10, 20, 0),
        first_token_ms=5,
        total_ms=50,
    )


def take_turn(session: Session, text: str = ORDER) -> GenerationJob:
    """Claim the live job and commit this answer."""
    claim = claim_job(job_id=live_job(session).pk, worker="test")
    assert claim is not None
    done = finish_job(job_id=claim.job.pk, attempt=claim.attempt, answer=make_answer(text))
    assert done is not None
    session.refresh_from_db()
    return done


def make_drive(owner=None, case: Case | None = None) -> Session:
    """A walkthrough in which the person takes the turns."""
    return start_drive(owner=owner or make_user(), case=case or make_case(), idempotency_key=str(uuid4()))


def drive(session: Session, text: str = ORDER, key: str | None = None) -> GenerationJob:
    """The person takes the turn that this answer would be, at the place where the walkthrough stands."""
    session.refresh_from_db()
    turn = parse_turn(text)
    job = human_turn(session=session, turn=turn, parent_seq=session.leaf_seq, idempotency_key=key or str(uuid4()))
    session.refresh_from_db()
    return job
