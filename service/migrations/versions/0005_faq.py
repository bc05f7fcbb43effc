"""faq"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table('faq_questions',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('conversation_id', sa.BigInteger(), nullable=True),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('lang', sa.Text(), nullable=False),
    sa.Column('decision', sa.Text(), nullable=False),
    sa.Column('article', sa.Text(), nullable=True),
    sa.Column('score', sa.Double(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversations.id'], name=op.f('fk_faq_questions_conversation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_faq_questions'))
    )
    op.create_index('ix_faq_questions_at', 'faq_questions', ['at'], unique=False)
    op.create_index('ix_faq_questions_conversation_id_id', 'faq_questions', ['conversation_id', 'id'], unique=False)
    op.create_table('faq_revisions',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('lang', sa.Text(), nullable=False),
    sa.Column('slug', sa.Text(), nullable=False),
    sa.Column('number', sa.BigInteger(), nullable=False),
    sa.Column('text', sa.Text(), nullable=True),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('author_id', sa.BigInteger(), nullable=False),
    sa.Column('note', sa.Text(), server_default='', nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['author_id'], ['agents.id'], name=op.f('fk_faq_revisions_author_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_faq_revisions')),
    sa.UniqueConstraint('lang', 'slug', 'number', name=op.f('uq_faq_revisions_lang_slug_number'))
    )
    op.create_index('ix_faq_revisions_starts_at', 'faq_revisions', ['starts_at'], unique=False)
    op.create_table('faq_feedback',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('conversation_id', sa.BigInteger(), nullable=True),
    sa.Column('question_id', sa.BigInteger(), nullable=True),
    sa.Column('article', sa.Text(), nullable=False),
    sa.Column('lang', sa.Text(), nullable=False),
    sa.Column('helped', sa.Boolean(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversations.id'], name=op.f('fk_faq_feedback_conversation_id')),
    sa.ForeignKeyConstraint(['question_id'], ['faq_questions.id'], name=op.f('fk_faq_feedback_question_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_faq_feedback'))
    )
    op.create_index('ix_faq_feedback_article_lang', 'faq_feedback', ['article', 'lang'], unique=False)
    op.create_index('ix_faq_feedback_at', 'faq_feedback', ['at'], unique=False)


def downgrade() -> None:
    """Take back."""
    op.drop_index('ix_faq_feedback_at', table_name='faq_feedback')
    op.drop_index('ix_faq_feedback_article_lang', table_name='faq_feedback')
    op.drop_table('faq_feedback')
    op.drop_index('ix_faq_revisions_starts_at', table_name='faq_revisions')
    op.drop_table('faq_revisions')
    op.drop_index('ix_faq_questions_conversation_id_id', table_name='faq_questions')
    op.drop_index('ix_faq_questions_at', table_name='faq_questions')
    op.drop_table('faq_questions')
