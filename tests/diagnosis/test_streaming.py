"""The log and its readers on a real Valkey, without Django's models."""

import asyncio
import contextlib
from uuid import uuid4

from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from diagnosis.streaming import wire
from diagnosis.streaming.client import open_async_client
from diagnosis.streaming.ending import append_end
from diagnosis.streaming.keys import stream_key
from diagnosis.streaming.log import StreamWriter
from diagnosis.streaming.reader import StreamHub
from diagnosis.streaming.status import JobStatus
from diagnosis.streaming.subscription import MAX_WAITING_BYTES, Subscription
from tests.diagnosis.factories import ORDER
from tests.stack.client import Reading, parse_events, parts_of


class Site:
    """A worker's writer and a web process's reader in one loop, and what PostgreSQL would say."""

    def __init__(self, *, quiet_seconds=0.2, max_seconds=60.0):
        self.client = open_async_client(settings.REDIS_URL)
        self.writer = StreamWriter(self.client, interval=0.02, maxlen=20_000, ttl_seconds=60)
        self.statuses: dict[str, JobStatus] = {}
        self.probes: list[list[str]] = []
        self.hub = StreamHub(
            open_async_client(settings.REDIS_URL), self._probe, quiet_seconds=quiet_seconds, max_seconds=max_seconds
        )

    async def _probe(self, job_ids):
        self.probes.append(list(job_ids))
        return {job_id: self.statuses[job_id] for job_id in job_ids if job_id in self.statuses}

    def job(self, state="RUNNING", attempt=1, **more) -> str:
        job_id = str(uuid4())
        self.say(job_id, state, attempt, **more)
        return job_id

    def say(self, job_id, state, attempt=1, **more):
        self.statuses[job_id] = JobStatus(job_id, state, attempt, **more)

    def answer(self, job_id, attempt=1):
        return self.writer.open(job_id, attempt, must_diagnose=False)

    async def end(self, job_id, attempt=1, state="SUCCEEDED"):
        self.say(job_id, state, attempt)
        await asyncio.to_thread(
            append_end, settings.REDIS_URL, job_id=job_id, attempt=attempt, state=state, next_job=None, ttl_seconds=60
        )

    async def read(self, job_id, reading=None, *, after=None, until=None) -> Reading:
        """Read until the stream closes, or until ``until(reading)``."""
        reading = reading or Reading()
        position = wire.parse_position(after)
        async with asyncio.timeout(20), self.hub.subscribe(self.statuses[job_id], position) as subscription:
            while frames := await subscription.take():
                for event in parse_events(iter(frames.decode().split("\n"))):
                    reading.take(event)
                if until is not None and until(reading):
                    break
        return reading


@contextlib.asynccontextmanager
async def open_site(**options):
    site = Site(**options)
    tasks = [asyncio.create_task(site.writer.run()), asyncio.create_task(site.hub.run())]
    try:
        yield site
    finally:
        # Again and again: redis-py swallows a cancellation that meets it while it takes a connection.
        while not all(task.done() for task in tasks):
            for task in asyncio.all_tasks() - {asyncio.current_task()}:
                task.cancel()
            await asyncio.wait(tasks, timeout=0.2)
        await site.client.aclose()


async def speak(answer, text=ORDER, *, size=7, pause=0.004):
    for start in range(0, len(text), size):
        answer.write(text[start : start + size])
        await asyncio.sleep(pause)
    answer.finish_turn()
    await answer.drain()


async def test_a_reader_gets_the_text():
    async with open_site() as site:
        job = site.job()
        page = asyncio.create_task(site.read(job))
        await speak(site.answer(job))
        await site.end(job)
        reading = await page
        assert reading.parts == parts_of(ORDER)
        assert reading.end == {"state": "SUCCEEDED", "next": None}
        numbers = [event.data["n"] for event in reading.events if "n" in event.data]
        assert numbers == list(range(1, len(numbers) + 1))


async def test_two_readers_get_the_same_wherever_they_come_in():
    async with open_site() as site:
        job = site.job()
        first = asyncio.create_task(site.read(job))
        speaking = asyncio.create_task(speak(site.answer(job)))
        others = []
        for _ in range(8):
            await asyncio.sleep(0.02)
            others.append(asyncio.create_task(site.read(job)))
        await speaking
        await site.end(job)
        for page in (first, *others):
            assert (await page).parts == parts_of(ORDER)


async def test_resuming_after_every_event_loses_and_doubles_nothing():
    async with open_site() as site:
        job = site.job()
        whole = asyncio.create_task(site.read(job))
        await speak(site.answer(job), pause=0.02)
        await site.end(job)
        whole = await whole
        assert len(whole.events) > 10
        for count in range(1, len(whole.events)):
            reading = Reading()
            for event in whole.events[:count]:
                reading.take(event)
            await site.read(job, reading, after=reading.last_id)
            assert reading.parts == whole.parts
            assert [event.id for event in reading.events] == [event.id for event in whole.events]


async def test_resuming_in_mid_answer_loses_and_doubles_nothing():
    async with open_site() as site:
        job = site.job()

        async def answer_and_end():
            await speak(site.answer(job), size=3)
            await site.end(job)

        answering = asyncio.create_task(answer_and_end())
        reading, connections = Reading(), 0
        while reading.end is None:
            seen = len(reading.events)
            await site.read(job, reading, after=reading.last_id, until=lambda now: len(now.events) > seen)  # noqa: B023
            connections += 1
        await answering
        assert connections > 5
        assert reading.parts == parts_of(ORDER)


async def test_a_reader_after_the_end_is_told_the_end_even_if_the_log_is_gone():
    async with open_site() as site:
        job = site.job("FAILED", 2)
        reading = await site.read(job)
        assert reading.end == {"state": "FAILED", "next": None}
        assert len(reading.events) == 1


async def test_an_end_that_only_postgres_knows_is_told():
    async with open_site() as site:
        job = site.job()
        page = asyncio.create_task(site.read(job))
        await speak(site.answer(job))
        site.say(job, "SUCCEEDED", next_job="the next")
        reading = await page
        assert reading.parts == parts_of(ORDER)
        assert reading.end == {"state": "SUCCEEDED", "next": "the next"}


async def test_another_attempt_resets_the_page():
    async with open_site() as site:
        job = site.job()
        page = asyncio.create_task(site.read(job))
        first = site.answer(job)
        first.write('{"reasoning":"Wrong beginning')
        await asyncio.sleep(0.1)
        site.say(job, "QUEUED", 1, position=0)
        await asyncio.sleep(0.8)
        site.say(job, "RUNNING", 2)
        await speak(site.answer(job, 2))
        first.write(" that nobody may see")
        await site.end(job, 2)
        reading = await page
        assert [event.name for event in reading.events].count("reset") == 1
        assert (reading.attempt, reading.parts) == (2, parts_of(ORDER))
        assert reading.last_id.startswith("2.")


async def test_an_attempt_that_passed_unseen_is_told_whole():
    async with open_site(quiet_seconds=1.0) as site:
        job = site.job()
        page = asyncio.create_task(site.read(job))
        first = site.answer(job)
        first.write('{"reasoning":"Wrong beginning')
        await asyncio.sleep(0.1)
        await speak(site.answer(job, 2), pause=0)
        await site.end(job, 2)
        reading = await page
        assert (reading.attempt, reading.parts) == (2, parts_of(ORDER))


async def test_a_page_of_an_earlier_attempt_is_reset_when_it_comes_back():
    async with open_site() as site:
        job = site.job("RUNNING", 2)
        await speak(site.answer(job, 2))
        await site.end(job, 2)
        stale = Reading(parts={"reasoning": "Wrong beginning"})
        reading = await site.read(job, stale, after="1.1700000000000-0")
        assert reading.events[0].name == "reset"
        assert reading.parts == parts_of(ORDER)


async def test_a_wiped_log_is_written_again():
    async with open_site() as site:
        job = site.job()
        page = asyncio.create_task(site.read(job))
        answer = site.answer(job)
        half = len(ORDER) // 2
        for start in range(0, half, 5):
            answer.write(ORDER[start : min(start + 5, half)])
            await asyncio.sleep(0.004)
        await asyncio.sleep(0.1)
        await site.client.delete(stream_key(job, 1))
        await speak(answer, ORDER[half:])
        await site.end(job)
        assert (await page).parts == parts_of(ORDER)
        late = await site.read(job)
        assert late.parts == parts_of(ORDER)
        assert late.events[0].name == "snapshot"


async def test_asking_again_empties_the_page():
    async with open_site() as site:
        job = site.job()
        page = asyncio.create_task(site.read(job))
        answer = site.answer(job)
        answer.write("I would rather talk about")
        answer.finish_turn()
        await asyncio.sleep(0.1)
        answer.restart()
        await asyncio.sleep(0.1)
        await speak(answer)
        await site.end(job)
        reading = await page
        assert reading.parts == parts_of(ORDER)
        assert {"parts": [], "n": 2} in [event.data for event in reading.events]


async def test_one_answer_that_cannot_be_parsed_does_not_stop_the_others():
    async with open_site() as site:
        broken, job = site.answer(site.job()), site.job()
        broken.parser = None
        broken.write("anything")
        page = asyncio.create_task(site.read(job))
        await speak(site.answer(job))
        await site.end(job)
        assert (await page).parts == parts_of(ORDER)


async def test_the_place_in_the_queue_is_told_when_it_changes():
    async with open_site() as site:
        job = site.job("QUEUED", 0, position=2)
        page = asyncio.create_task(site.read(job))
        await asyncio.sleep(0.9)
        site.say(job, "QUEUED", 0, position=0)
        await asyncio.sleep(0.9)
        site.say(job, "RUNNING", 1)
        await speak(site.answer(job))
        await site.end(job)
        reading = await page
        assert [event.data["position"] for event in reading.events if event.name == "queue"] == [2, 0]
        assert not [event for event in reading.events if event.name == "reset"]


async def test_all_quiet_jobs_share_one_question():
    async with open_site() as site:
        jobs = [site.job() for _ in range(5)]
        pages = [asyncio.create_task(site.read(job)) for job in jobs]
        await asyncio.sleep(0.9)
        assert max(map(len, site.probes)) == 5
        for job in jobs:
            site.say(job, "CANCELLED")
        for page in pages:
            assert (await page).end["state"] == "CANCELLED"


async def test_a_stream_ends_silently_at_its_limit():
    async with open_site(max_seconds=0.5) as site:
        reading = await site.read(site.job())
        assert (reading.events, reading.end) == ([], None)


async def test_nothing_is_left_when_nobody_reads():
    async with open_site() as site:
        job = site.job()
        async with site.hub.subscribe(site.statuses[job], None):
            assert list(site.hub._topics) == [job]
        assert site.hub._topics == {}


async def test_a_reader_that_does_not_take_is_let_go():
    subscription = Subscription(now=0.0)
    for _ in range(20):
        subscription.push(b"x" * (MAX_WAITING_BYTES // 10))
    assert subscription.closed
    assert await subscription.take() == b""


@given(st.text(max_size=40))
def test_a_position_is_read_exactly_or_not_at_all(text):
    position = wire.parse_position(text)
    if position is not None:
        assert text.strip() == f"{position.attempt}.{position.entry.decode()}"


def test_positions():
    assert wire.parse_position("2.1700000000000-3") == wire.Position(2, b"1700000000000-3")
    for nonsense in (None, "", "2", "2.", "x.1-1", "1.1-", "1.1-1\n2", "-1.1-1", "9" * 40 + ".1-1"):
        assert wire.parse_position(nonsense) is None
