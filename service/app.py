"""The wiring: settings → adapters → FastAPI."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware

from kit.errors import Misconfigured
from kit.http import client
from service import api_docs, health, jobs, logs, web
from service.attachments import routes as attachments
from service.carriers import make_carriers
from service.channels import make_channels
from service.conversations import providers, webhooks
from service.conversations import routes as chat
from service.conversations.intake import Intake
from service.db import libpq_url, make_engine, make_sessions
from service.demo import routes as sandbox_routes
from service.demo import sink
from service.demo.service import demo_orders
from service.dialogue import client as dialogue
from service.dialogue import routes as actions
from service.edd import routes as edd
from service.edd import training
from service.edd.dates import Dates
from service.edd.offers import Offers
from service.faq import desk as faq_desk
from service.faq import gaps_desk, shelf
from service.faq import routes as faq
from service.helpdesks import jobs as helpdesks
from service.helpdesks import routes as helpdesk_routes
from service.helpdesks.adapters import make_helpdesk
from service.hours.terms import load as load_terms
from service.inbox import routes as inbox
from service.inbox import routes_files as agent_files
from service.mail import routes as mail_routes
from service.mail import webhooks as mail_webhooks
from service.mail.service import SmtpMailer
from service.news import News
from service.notifications.pages import desk as notifications_desk
from service.notifications.pages import desk_outbox, stopping
from service.pages import routes as pages
from service.postgres import EmbeddedPostgres
from service.runtime import Runtime
from service.settings import Settings, environment
from service.settings import settings as read_settings
from service.storefront.store import ServiceParcelStore
from service.tracking import routes as tracking
from service.tracking.budget import StoredBudget
from service.tracking_page import routes as tracking_page
from tracking_lookup.service import TrackingLookup

STOP_SECONDS = 8


@asynccontextmanager
async def make_runtime(settings: Settings) -> AsyncIterator[Runtime]:
    """The parts of one process, open while this is."""
    url = settings.database_url or EmbeddedPostgres(settings.var / "postgres").url
    async with AsyncExitStack() as stack:
        engine = make_engine(url)
        stack.push_async_callback(engine.dispose)
        http = await stack.enter_async_context(client())
        rasa = await stack.enter_async_context(dialogue.client())
        sessions = make_sessions(engine)
        mailer = SmtpMailer(settings.smtp_url, settings.mail_from) if settings.smtp_url else None
        if mailer is None and settings.demo:
            caught = await stack.enter_async_context(sink.catching(sessions))
            mailer = SmtpMailer(caught, f"{settings.shop_name} <orders@example.com>")
        lookup = TrackingLookup(
            make_carriers(settings, http),
            ServiceParcelStore(sessions),
            budget=StoredBudget(sessions),
        )
        stack.push_async_callback(lookup.aclose)
        helpdesk = make_helpdesk(http, environment())
        if helpdesk is None and not settings.inbox:
            raise Misconfigured("INBOX is off and no help desk is set up: nobody would answer")
        yield Runtime(
            settings=settings,
            sessions=sessions,
            news=News(libpq_url(url)),
            http=http,
            dialogue=dialogue.RasaDialogue(rasa, settings.rasa_url),
            channels=make_channels(http, settings),
            terms=load_terms(settings.shop_hours, settings.zone, mails=bool(settings.smtp_url)),
            mailer=mailer,
            lookup=lookup,
            faq=await shelf.make_faq(settings, sessions),
            dates=Dates(sessions, training.models(settings), training.home(settings)),
            database_url=libpq_url(url),
            helpdesk=helpdesk,
        )


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    settings: Settings = app.state.settings
    async with make_runtime(settings) as runtime:
        app.state.runtime = runtime
        app.state.intake = Intake(runtime.sessions, settings)
        app.state.offers = Offers(runtime.dates)
        app.state.actions = actions.make_executor(runtime)
        if settings.demo:
            async with runtime.sessions() as session:
                app.state.demo_orders = await demo_orders(session)
        tasks = [
            asyncio.create_task(runtime.news.listen()),
            asyncio.create_task(providers.attend(runtime)),
            asyncio.create_task(shelf.watch(runtime.faq, settings, runtime.sessions, runtime.news)),
            asyncio.create_task(helpdesks.watch(runtime)),
        ]
        if settings.workers_in_web:
            tasks.append(asyncio.create_task(jobs.work(runtime)))
        try:
            yield
        finally:
            runtime.news.close()
            for task in tasks:
                task.cancel()
            # What does not end in time is taken up by another worker, as after a kill.
            await asyncio.wait(tasks, timeout=STOP_SECONDS)
            # Routers outlive the app they were put in and hold it: it should hold nothing large.
            del app.state.runtime, app.state.intake, app.state.offers, app.state.actions


def create_app(settings: Settings | None = None) -> FastAPI:
    """The web process.

    Args:
        settings: ``None`` reads them from the environment.
    """
    settings = settings or read_settings()
    logs.configure(settings.log_level)
    app = FastAPI(title="Wismo", version="0.1.0", summary="Where is my order?", lifespan=_lifespan)
    app.state.settings = settings
    web.install(app)
    app.add_middleware(GZipMiddleware, minimum_size=1000)  # leaves event streams alone
    for router in (
        health.router,
        chat.router,
        webhooks.router,
        attachments.router,
        tracking.router,
        faq.router,
        edd.router,
        agent_files.router,
        helpdesk_routes.router,
        mail_routes.router,
        mail_webhooks.router,
        stopping.router,
    ):
        app.include_router(router)
    api_docs.mount(app)
    pages.mount(app, settings)
    tracking_page.mount(app)
    if settings.inbox:
        inbox.mount(
            app,
            faq_desk.router,
            gaps_desk.router,
            edd.pages,
            notifications_desk.router,
            desk_outbox.router,
        )
    if settings.demo:
        app.include_router(sandbox_routes.router)
    app.add_middleware(actions.Actions)  # the last is asked first
    return app
