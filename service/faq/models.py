"""What was asked of the FAQ, whether it helped, and what editors wrote."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base, Key


class FaqQuestion(Base):
    """One question, as it was put to the articles. Kept without personal data.

    Attributes:
        conversation_id: ``None``: asked on the FAQ page.
        text: With numbers, addresses and names of accounts taken out; at most 500 characters.
        lang: ISO 639-1: of the articles that were searched.
        decision: One of ``faq.model.Decision``.
        article: The slug of the best article, said or not; ``None``: there was none.
        score: Of the best article, 0 to 1.
    """

    __tablename__ = "faq_questions"
    __table_args__ = (
        Index("ix_faq_questions_conversation_id_id", "conversation_id", "id"),
        Index("ix_faq_questions_at", "at"),
    )

    id: Mapped[Key]
    conversation_id: Mapped[int | None] = mapped_column(ForeignKey("conversations.id"))
    text: Mapped[str]
    lang: Mapped[str]
    decision: Mapped[str]
    article: Mapped[str | None]
    score: Mapped[float]
    at: Mapped[datetime]


class FaqFeedback(Base):
    """Whether an article helped.

    Attributes:
        conversation_id: ``None``: said on the FAQ page.
        question_id: What it answered; ``None``: the article was opened without a question.
    """

    __tablename__ = "faq_feedback"
    __table_args__ = (
        Index("ix_faq_feedback_article_lang", "article", "lang"),
        Index("ix_faq_feedback_at", "at"),
    )

    id: Mapped[Key]
    conversation_id: Mapped[int | None] = mapped_column(ForeignKey("conversations.id"))
    question_id: Mapped[int | None] = mapped_column(ForeignKey("faq_questions.id"))
    article: Mapped[str]
    lang: Mapped[str]
    helped: Mapped[bool]
    at: Mapped[datetime]


class FaqRevision(Base):
    """One saved text of an article; it stands over the file of the same language and slug.

    Of an article's revisions that have begun, the one that began last is served; of two that began
    in the same moment, the later one.

    Attributes:
        number: Counts an article's revisions from 1; of two editors who save over the same one,
            one gets the next number and the other is told.
        text: A whole file, front matter and Markdown; ``None``: withdrawn, the file is back.
        starts_at: From when on it is served; ``None``: a draft.
        note: Why, in a few words; may be empty.
    """

    __tablename__ = "faq_revisions"
    __table_args__ = (
        UniqueConstraint("lang", "slug", "number"),
        Index("ix_faq_revisions_starts_at", "starts_at"),
    )

    id: Mapped[Key]
    lang: Mapped[str]
    slug: Mapped[str]
    number: Mapped[int]
    text: Mapped[str | None]
    starts_at: Mapped[datetime | None]
    author_id: Mapped[int] = mapped_column(ForeignKey("agents.id"))
    note: Mapped[str] = mapped_column(server_default="")
    at: Mapped[datetime]
