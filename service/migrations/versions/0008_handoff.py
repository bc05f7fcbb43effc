"""handoff"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table('audit_entries',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor_id', sa.BigInteger(), nullable=True),
    sa.Column('actor', sa.Text(), nullable=False),
    sa.Column('act', sa.Text(), nullable=False),
    sa.Column('subject', sa.Text(), nullable=False),
    sa.Column('details', postgresql.JSONB(astext_type=sa.Text()), server_default='{}', nullable=False),
    sa.Column('address', sa.Text(), server_default='', nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_entries'))
    )
    op.create_index('ix_audit_entries_actor_id_id', 'audit_entries', ['actor_id', 'id'], unique=False)
    op.create_index('ix_audit_entries_at', 'audit_entries', ['at'], unique=False)
    op.create_index('ix_audit_entries_subject_id', 'audit_entries', ['subject', 'id'], unique=False)
    op.create_table('helpdesk_rests',
    sa.Column('helpdesk', sa.Text(), nullable=False),
    sa.Column('until', sa.DateTime(timezone=True), nullable=False),
    sa.Column('failures', sa.BigInteger(), server_default='0', nullable=False),
    sa.PrimaryKeyConstraint('helpdesk', name=op.f('pk_helpdesk_rests'))
    )
    op.create_table('tags',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tags')),
    sa.UniqueConstraint('name', name=op.f('uq_tags_name'))
    )
    op.create_table('teams',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('private', sa.Boolean(), server_default='false', nullable=False),
    sa.Column('everyone', sa.Boolean(), server_default='false', nullable=False),
    sa.Column('reasons', postgresql.JSONB(astext_type=sa.Text()), server_default='[]', nullable=False),
    sa.Column('round_robin', sa.Boolean(), server_default='false', nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_teams')),
    sa.UniqueConstraint('name', name=op.f('uq_teams_name'))
    )
    op.create_index('uq_teams_everyone', 'teams', ['everyone'], unique=True, postgresql_where='everyone')
    op.create_table('audit_links',
    sa.Column('position', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('entry_id', sa.BigInteger(), nullable=False),
    sa.Column('digest', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['entry_id'], ['audit_entries.id'], name=op.f('fk_audit_links_entry_id')),
    sa.PrimaryKeyConstraint('position', name=op.f('pk_audit_links')),
    sa.UniqueConstraint('entry_id', name=op.f('uq_audit_links_entry_id'))
    )
    op.create_table('macros',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('team_id', sa.BigInteger(), nullable=True),
    sa.Column('tag_id', sa.BigInteger(), nullable=True),
    sa.Column('created_by_id', sa.BigInteger(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['created_by_id'], ['agents.id'], name=op.f('fk_macros_created_by_id')),
    sa.ForeignKeyConstraint(['tag_id'], ['tags.id'], name=op.f('fk_macros_tag_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['team_id'], ['teams.id'], name=op.f('fk_macros_team_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_macros')),
    sa.UniqueConstraint('name', name=op.f('uq_macros_name'))
    )
    op.create_table('mails',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('conversation_id', sa.BigInteger(), nullable=True),
    sa.Column('to', sa.Text(), nullable=False),
    sa.Column('subject', sa.Text(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), server_default='queued', nullable=False),
    sa.Column('error', sa.Text(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("state IN ('queued', 'sent', 'failed')", name=op.f('ck_mails_state')),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversations.id'], name=op.f('fk_mails_conversation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mails')),
    sa.UniqueConstraint('key', name=op.f('uq_mails_key'))
    )
    op.create_index('ix_mails_conversation_id', 'mails', ['conversation_id'], unique=False)
    op.create_table('recovery_codes',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('agent_id', sa.BigInteger(), nullable=False),
    sa.Column('digest', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['agent_id'], ['agents.id'], name=op.f('fk_recovery_codes_agent_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recovery_codes')),
    sa.UniqueConstraint('agent_id', 'digest', name=op.f('uq_recovery_codes_agent_id_digest'))
    )
    op.create_table('team_members',
    sa.Column('team_id', sa.BigInteger(), nullable=False),
    sa.Column('agent_id', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['agent_id'], ['agents.id'], name=op.f('fk_team_members_agent_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['team_id'], ['teams.id'], name=op.f('fk_team_members_team_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('team_id', 'agent_id', name=op.f('pk_team_members'))
    )
    op.create_index('ix_team_members_agent_id', 'team_members', ['agent_id'], unique=False)
    op.create_table('helpdesk_links',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('ticket_id', sa.BigInteger(), nullable=False),
    sa.Column('helpdesk', sa.Text(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('external_id', sa.Text(), nullable=True),
    sa.Column('passed_id', sa.BigInteger(), nullable=False),
    sa.Column('assignee', sa.Text(), server_default='', nullable=False),
    sa.Column('assignee_email', sa.Text(), server_default='', nullable=False),
    sa.Column('owner_id', sa.BigInteger(), nullable=True),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('claimed_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('tries', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('error', sa.Text(), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['owner_id'], ['agents.id'], name=op.f('fk_helpdesk_links_owner_id')),
    sa.ForeignKeyConstraint(['ticket_id'], ['tickets.id'], name=op.f('fk_helpdesk_links_ticket_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_helpdesk_links')),
    sa.UniqueConstraint('helpdesk', 'external_id', name=op.f('uq_helpdesk_links_helpdesk_external_id')),
    sa.UniqueConstraint('key', name=op.f('uq_helpdesk_links_key'))
    )
    op.create_index('ix_helpdesk_links_claimed_until', 'helpdesk_links', ['claimed_until'], unique=False)
    op.create_index('ix_helpdesk_links_due_at', 'helpdesk_links', ['due_at'], unique=False)
    op.create_index('uq_helpdesk_links_live', 'helpdesk_links', ['ticket_id'], unique=True, postgresql_where='ended_at IS NULL')
    op.create_table('later_answers',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('ticket_id', sa.BigInteger(), nullable=False),
    sa.Column('agent_id', sa.BigInteger(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('seen_id', sa.BigInteger(), nullable=True),
    sa.Column('then_close', sa.Boolean(), server_default='false', nullable=False),
    sa.Column('send_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('state', sa.Text(), server_default='waiting', nullable=False),
    sa.Column('cancelled_why', sa.Text(), server_default='', nullable=False),
    sa.Column('message_id', sa.BigInteger(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("state IN ('waiting', 'sent', 'cancelled')", name=op.f('ck_later_answers_state')),
    sa.ForeignKeyConstraint(['agent_id'], ['agents.id'], name=op.f('fk_later_answers_agent_id')),
    sa.ForeignKeyConstraint(['message_id'], ['messages.id'], name=op.f('fk_later_answers_message_id')),
    sa.ForeignKeyConstraint(['ticket_id'], ['tickets.id'], name=op.f('fk_later_answers_ticket_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_later_answers'))
    )
    op.create_index('uq_later_answers_waiting', 'later_answers', ['ticket_id'], unique=True, postgresql_where="state = 'waiting'")
    op.create_table('ratings',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('ticket_id', sa.BigInteger(), nullable=False),
    sa.Column('conversation_id', sa.BigInteger(), nullable=False),
    sa.Column('agent_id', sa.BigInteger(), nullable=True),
    sa.Column('score', sa.SmallInteger(), nullable=True),
    sa.Column('comment', sa.Text(), server_default='', nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('rated_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('commented_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('score BETWEEN 1 AND 5', name=op.f('ck_ratings_score')),
    sa.ForeignKeyConstraint(['agent_id'], ['agents.id'], name=op.f('fk_ratings_agent_id')),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversations.id'], name=op.f('fk_ratings_conversation_id')),
    sa.ForeignKeyConstraint(['ticket_id'], ['tickets.id'], name=op.f('fk_ratings_ticket_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ratings')),
    sa.UniqueConstraint('ticket_id', name=op.f('uq_ratings_ticket_id'))
    )
    op.create_index('ix_ratings_conversation_id', 'ratings', ['conversation_id'], unique=False)
    op.create_table('ticket_events',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('ticket_id', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('agent_id', sa.BigInteger(), nullable=True),
    sa.Column('details', postgresql.JSONB(astext_type=sa.Text()), server_default='{}', nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['agent_id'], ['agents.id'], name=op.f('fk_ticket_events_agent_id')),
    sa.ForeignKeyConstraint(['ticket_id'], ['tickets.id'], name=op.f('fk_ticket_events_ticket_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ticket_events'))
    )
    op.create_index('ix_ticket_events_ticket_id_id', 'ticket_events', ['ticket_id', 'id'], unique=False)
    op.create_table('ticket_notes',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('ticket_id', sa.BigInteger(), nullable=False),
    sa.Column('agent_id', sa.BigInteger(), nullable=True),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['agent_id'], ['agents.id'], name=op.f('fk_ticket_notes_agent_id')),
    sa.ForeignKeyConstraint(['ticket_id'], ['tickets.id'], name=op.f('fk_ticket_notes_ticket_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ticket_notes'))
    )
    op.create_index('ix_ticket_notes_search', 'ticket_notes', [sa.literal_column("to_tsvector('english'::regconfig, text)")], unique=False, postgresql_using='gin')
    op.create_index('ix_ticket_notes_ticket_id_id', 'ticket_notes', ['ticket_id', 'id'], unique=False)
    op.create_table('ticket_presence',
    sa.Column('ticket_id', sa.BigInteger(), nullable=False),
    sa.Column('agent_id', sa.BigInteger(), nullable=False),
    sa.Column('doing', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['agent_id'], ['agents.id'], name=op.f('fk_ticket_presence_agent_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['ticket_id'], ['tickets.id'], name=op.f('fk_ticket_presence_ticket_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('ticket_id', 'agent_id', name=op.f('pk_ticket_presence'))
    )
    op.create_table('ticket_tags',
    sa.Column('ticket_id', sa.BigInteger(), nullable=False),
    sa.Column('tag_id', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['tag_id'], ['tags.id'], name=op.f('fk_ticket_tags_tag_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['ticket_id'], ['tickets.id'], name=op.f('fk_ticket_tags_ticket_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('ticket_id', 'tag_id', name=op.f('pk_ticket_tags'))
    )
    op.create_index('ix_ticket_tags_tag_id', 'ticket_tags', ['tag_id'], unique=False)
    op.create_table('wrong_answers',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('message_id', sa.BigInteger(), nullable=False),
    sa.Column('ticket_id', sa.BigInteger(), nullable=True),
    sa.Column('agent_id', sa.BigInteger(), nullable=False),
    sa.Column('comment', sa.Text(), server_default='', nullable=False),
    sa.Column('made_from', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('mended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('mended_by_id', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['agent_id'], ['agents.id'], name=op.f('fk_wrong_answers_agent_id')),
    sa.ForeignKeyConstraint(['mended_by_id'], ['agents.id'], name=op.f('fk_wrong_answers_mended_by_id')),
    sa.ForeignKeyConstraint(['message_id'], ['messages.id'], name=op.f('fk_wrong_answers_message_id')),
    sa.ForeignKeyConstraint(['ticket_id'], ['tickets.id'], name=op.f('fk_wrong_answers_ticket_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_wrong_answers')),
    sa.UniqueConstraint('message_id', name=op.f('uq_wrong_answers_message_id'))
    )
    op.create_index('ix_wrong_answers_at', 'wrong_answers', ['at'], unique=False)
    op.create_table('helpdesk_answers',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('link_id', sa.BigInteger(), nullable=False),
    sa.Column('external_id', sa.Text(), nullable=False),
    sa.Column('author', sa.Text(), nullable=False),
    sa.Column('message_id', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['link_id'], ['helpdesk_links.id'], name=op.f('fk_helpdesk_answers_link_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['message_id'], ['messages.id'], name=op.f('fk_helpdesk_answers_message_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_helpdesk_answers')),
    sa.UniqueConstraint('link_id', 'external_id', name=op.f('uq_helpdesk_answers_link_id_external_id'))
    )
    op.create_index('ix_helpdesk_answers_message_id', 'helpdesk_answers', ['message_id'], unique=False)
    op.create_table('note_mentions',
    sa.Column('note_id', sa.BigInteger(), nullable=False),
    sa.Column('agent_id', sa.BigInteger(), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['agent_id'], ['agents.id'], name=op.f('fk_note_mentions_agent_id')),
    sa.ForeignKeyConstraint(['note_id'], ['ticket_notes.id'], name=op.f('fk_note_mentions_note_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('note_id', 'agent_id', name=op.f('pk_note_mentions'))
    )
    op.create_index('ix_note_mentions_unseen', 'note_mentions', ['agent_id'], unique=False, postgresql_where='seen_at IS NULL')
    op.create_table('ticket_files',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('ticket_id', sa.BigInteger(), nullable=False),
    sa.Column('agent_id', sa.BigInteger(), nullable=True),
    sa.Column('answer_id', sa.BigInteger(), nullable=True),
    sa.Column('note_id', sa.BigInteger(), nullable=True),
    sa.Column('message_id', sa.BigInteger(), nullable=True),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('content_type', sa.Text(), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['agent_id'], ['agents.id'], name=op.f('fk_ticket_files_agent_id')),
    sa.ForeignKeyConstraint(['answer_id'], ['later_answers.id'], name=op.f('fk_ticket_files_answer_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['message_id'], ['messages.id'], name=op.f('fk_ticket_files_message_id')),
    sa.ForeignKeyConstraint(['note_id'], ['ticket_notes.id'], name=op.f('fk_ticket_files_note_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['ticket_id'], ['tickets.id'], name=op.f('fk_ticket_files_ticket_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ticket_files'))
    )
    op.create_index('ix_ticket_files_message_id', 'ticket_files', ['message_id'], unique=False)
    op.create_index('ix_ticket_files_ticket_id', 'ticket_files', ['ticket_id'], unique=False)
    op.add_column('agent_sessions', sa.Column('device', sa.Text(), server_default='', nullable=False))
    op.add_column('agent_sessions', sa.Column('address', sa.Text(), server_default='', nullable=False))
    op.add_column('agents', sa.Column('role', sa.Text(), server_default='agent', nullable=False))
    op.add_column('agents', sa.Column('subject', sa.Text(), nullable=True))
    op.add_column('agents', sa.Column('totp_secret', sa.Text(), nullable=True))
    op.add_column('agents', sa.Column('totp_step', sa.BigInteger(), server_default='0', nullable=False))
    op.add_column('agents', sa.Column('capacity', sa.BigInteger(), server_default='20', nullable=False))
    op.add_column('agents', sa.Column('away', sa.Boolean(), server_default='false', nullable=False))
    op.create_unique_constraint(op.f('uq_agents_subject'), 'agents', ['subject'])
    op.add_column('conversations', sa.Column('fetched_id', sa.BigInteger(), server_default='0', nullable=False))
    op.add_column('messages', sa.Column('made_from', postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.create_index('ix_messages_search', 'messages', [sa.literal_column("to_tsvector('english'::regconfig, text)")], unique=False, postgresql_using='gin')
    op.create_index('ix_order_items_search', 'order_items', [sa.literal_column("to_tsvector('english'::regconfig, title)")], unique=False, postgresql_using='gin')
    op.create_index('ix_orders_search', 'orders', [sa.literal_column("to_tsvector('simple'::regconfig, number || ' ' || coalesce(name, '') || ' ' || coalesce(email, ''))")], unique=False, postgresql_using='gin')
    op.add_column('tickets', sa.Column('reasons', postgresql.JSONB(astext_type=sa.Text()), server_default='[]', nullable=False))
    op.add_column('tickets', sa.Column('priority', sa.SmallInteger(), server_default='1', nullable=False))
    op.add_column('tickets', sa.Column('priority_why', postgresql.JSONB(astext_type=sa.Text()), server_default='[]', nullable=False))
    op.add_column('tickets', sa.Column('version', sa.BigInteger(), server_default='1', nullable=False))
    op.add_column('tickets', sa.Column('team_id', sa.BigInteger(), nullable=True))
    op.add_column('tickets', sa.Column('owned_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('tickets', sa.Column('waiting_since', sa.DateTime(timezone=True), nullable=True))
    op.add_column('tickets', sa.Column('first_answer_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('tickets', sa.Column('breached_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('tickets', sa.Column('warned_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('tickets', sa.Column('escalated_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('tickets', sa.Column('apologised_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('tickets', sa.Column('snoozed_until', sa.DateTime(timezone=True), nullable=True))
    op.add_column('tickets', sa.Column('email', sa.Text(), nullable=True))
    op.add_column('tickets', sa.Column('merged_into_id', sa.BigInteger(), nullable=True))
    op.add_column('tickets', sa.Column('closed_by_id', sa.BigInteger(), nullable=True))
    op.create_index('ix_tickets_conversation_id', 'tickets', ['conversation_id'], unique=False)
    op.create_index('ix_tickets_first_answer_at', 'tickets', ['first_answer_at'], unique=False)
    op.create_index('ix_tickets_list', 'tickets', ['priority', 'due_at', 'id'], unique=False, postgresql_where="status = 'open'")
    op.create_index('ix_tickets_opened_at', 'tickets', ['opened_at'], unique=False)
    op.create_index('ix_tickets_order_id', 'tickets', ['order_id'], unique=False)
    op.create_index('ix_tickets_owner_id', 'tickets', ['owner_id', 'due_at'], unique=False, postgresql_where="status = 'open'")
    op.create_index('ix_tickets_team_id', 'tickets', ['team_id', 'due_at'], unique=False, postgresql_where="status = 'open'")
    op.create_foreign_key(op.f('fk_tickets_team_id'), 'tickets', 'teams', ['team_id'], ['id'], ondelete='SET NULL')
    op.create_foreign_key(op.f('fk_tickets_closed_by_id'), 'tickets', 'agents', ['closed_by_id'], ['id'])
    op.create_foreign_key(op.f('fk_tickets_merged_into_id'), 'tickets', 'tickets', ['merged_into_id'], ['id'])
    # Tickets from before wait for an answer, for the reason they were opened.
    op.execute(
        "UPDATE tickets SET reasons = jsonb_build_array(reason), waiting_since = opened_at"
        " WHERE status = 'open'"
    )



def downgrade() -> None:
    """Take back."""
    op.drop_constraint(op.f('fk_tickets_merged_into_id'), 'tickets', type_='foreignkey')
    op.drop_constraint(op.f('fk_tickets_closed_by_id'), 'tickets', type_='foreignkey')
    op.drop_constraint(op.f('fk_tickets_team_id'), 'tickets', type_='foreignkey')
    op.drop_index('ix_tickets_team_id', table_name='tickets', postgresql_where="status = 'open'")
    op.drop_index('ix_tickets_owner_id', table_name='tickets', postgresql_where="status = 'open'")
    op.drop_index('ix_tickets_order_id', table_name='tickets')
    op.drop_index('ix_tickets_opened_at', table_name='tickets')
    op.drop_index('ix_tickets_list', table_name='tickets', postgresql_where="status = 'open'")
    op.drop_index('ix_tickets_first_answer_at', table_name='tickets')
    op.drop_index('ix_tickets_conversation_id', table_name='tickets')
    op.drop_column('tickets', 'closed_by_id')
    op.drop_column('tickets', 'merged_into_id')
    op.drop_column('tickets', 'email')
    op.drop_column('tickets', 'snoozed_until')
    op.drop_column('tickets', 'apologised_at')
    op.drop_column('tickets', 'escalated_at')
    op.drop_column('tickets', 'warned_at')
    op.drop_column('tickets', 'breached_at')
    op.drop_column('tickets', 'first_answer_at')
    op.drop_column('tickets', 'waiting_since')
    op.drop_column('tickets', 'owned_at')
    op.drop_column('tickets', 'team_id')
    op.drop_column('tickets', 'version')
    op.drop_column('tickets', 'priority_why')
    op.drop_column('tickets', 'priority')
    op.drop_column('tickets', 'reasons')
    op.drop_index('ix_orders_search', table_name='orders', postgresql_using='gin')
    op.drop_index('ix_order_items_search', table_name='order_items', postgresql_using='gin')
    op.drop_index('ix_messages_search', table_name='messages', postgresql_using='gin')
    op.drop_column('messages', 'made_from')
    op.drop_column('conversations', 'fetched_id')
    op.drop_constraint(op.f('uq_agents_subject'), 'agents', type_='unique')
    op.drop_column('agents', 'away')
    op.drop_column('agents', 'capacity')
    op.drop_column('agents', 'totp_step')
    op.drop_column('agents', 'totp_secret')
    op.drop_column('agents', 'subject')
    op.drop_column('agents', 'role')
    op.drop_column('agent_sessions', 'address')
    op.drop_column('agent_sessions', 'device')
    op.drop_index('ix_ticket_files_ticket_id', table_name='ticket_files')
    op.drop_index('ix_ticket_files_message_id', table_name='ticket_files')
    op.drop_table('ticket_files')
    op.drop_index('ix_note_mentions_unseen', table_name='note_mentions', postgresql_where='seen_at IS NULL')
    op.drop_table('note_mentions')
    op.drop_index('ix_helpdesk_answers_message_id', table_name='helpdesk_answers')
    op.drop_table('helpdesk_answers')
    op.drop_index('ix_wrong_answers_at', table_name='wrong_answers')
    op.drop_table('wrong_answers')
    op.drop_index('ix_ticket_tags_tag_id', table_name='ticket_tags')
    op.drop_table('ticket_tags')
    op.drop_table('ticket_presence')
    op.drop_index('ix_ticket_notes_ticket_id_id', table_name='ticket_notes')
    op.drop_index('ix_ticket_notes_search', table_name='ticket_notes', postgresql_using='gin')
    op.drop_table('ticket_notes')
    op.drop_index('ix_ticket_events_ticket_id_id', table_name='ticket_events')
    op.drop_table('ticket_events')
    op.drop_index('ix_ratings_conversation_id', table_name='ratings')
    op.drop_table('ratings')
    op.drop_index('uq_later_answers_waiting', table_name='later_answers', postgresql_where="state = 'waiting'")
    op.drop_table('later_answers')
    op.drop_index('uq_helpdesk_links_live', table_name='helpdesk_links', postgresql_where='ended_at IS NULL')
    op.drop_index('ix_helpdesk_links_due_at', table_name='helpdesk_links')
    op.drop_index('ix_helpdesk_links_claimed_until', table_name='helpdesk_links')
    op.drop_table('helpdesk_links')
    op.drop_index('ix_team_members_agent_id', table_name='team_members')
    op.drop_table('team_members')
    op.drop_table('recovery_codes')
    op.drop_index('ix_mails_conversation_id', table_name='mails')
    op.drop_table('mails')
    op.drop_table('macros')
    op.drop_table('audit_links')
    op.drop_index('uq_teams_everyone', table_name='teams', postgresql_where='everyone')
    op.drop_table('teams')
    op.drop_table('tags')
    op.drop_table('helpdesk_rests')
    op.drop_index('ix_audit_entries_subject_id', table_name='audit_entries')
    op.drop_index('ix_audit_entries_at', table_name='audit_entries')
    op.drop_index('ix_audit_entries_actor_id_id', table_name='audit_entries')
    op.drop_table('audit_entries')
