"""channels"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table('send_limits',
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('slots', sa.ARRAY(sa.DateTime(timezone=True)), server_default='{}', nullable=False),
    sa.Column('rest_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_send_limits'))
    )
    op.create_table('attachments',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('conversation_id', sa.BigInteger(), nullable=False),
    sa.Column('message_id', sa.BigInteger(), nullable=True),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('reference', sa.Text(), nullable=True),
    sa.Column('content_type', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('width', sa.BigInteger(), nullable=True),
    sa.Column('height', sa.BigInteger(), nullable=True),
    sa.Column('refused', sa.Text(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("state IN ('waiting', 'kept', 'refused')", name=op.f('ck_attachments_state')),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversations.id'], name=op.f('fk_attachments_conversation_id')),
    sa.ForeignKeyConstraint(['message_id'], ['messages.id'], name=op.f('fk_attachments_message_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attachments'))
    )
    op.create_index('ix_attachments_conversation_id', 'attachments', ['conversation_id'], unique=False)
    op.create_index('ix_attachments_message_id', 'attachments', ['message_id'], unique=False)
    op.create_table('sent_parts',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('provider_id', sa.Text(), nullable=False),
    sa.Column('message_id', sa.BigInteger(), nullable=True),
    sa.Column('part', sa.BigInteger(), nullable=True),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('blocked', sa.Boolean(), server_default='false', nullable=False),
    sa.Column('error', sa.Text(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['message_id'], ['messages.id'], name=op.f('fk_sent_parts_message_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sent_parts')),
    sa.UniqueConstraint('channel', 'provider_id', name=op.f('uq_sent_parts_channel_provider_id')),
    sa.UniqueConstraint('message_id', 'part', name=op.f('uq_sent_parts_message_id_part'))
    )
    op.create_table('attachment_contents',
    sa.Column('attachment_id', sa.BigInteger(), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['attachment_id'], ['attachments.id'], name=op.f('fk_attachment_contents_attachment_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('attachment_id', name=op.f('pk_attachment_contents'))
    )
    op.add_column('consent_requests', sa.Column('network', sa.Text(), nullable=True))
    op.add_column('consent_requests', sa.Column('address', sa.Text(), nullable=True))
    op.add_column('consent_requests', sa.Column('number', sa.Text(), nullable=True))
    op.add_column('consent_requests', sa.Column('purpose', sa.Text(), server_default='update', nullable=False))
    op.add_column('consent_requests', sa.Column('source', sa.Text(), server_default='words', nullable=False))
    op.add_column('consent_requests', sa.Column('words', sa.Text(), server_default='', nullable=False))
    # Whatever was asked before was asked on the web, and its address is its conversation's.
    op.execute(
        "UPDATE consent_requests SET network = c.channel, address = c.address, number = c.proved_phone "
        "FROM conversations c WHERE c.id = conversation_id"
    )
    op.alter_column('consent_requests', 'network', nullable=False)
    op.alter_column('consent_requests', 'address', nullable=False)
    op.drop_index(op.f('ix_consent_requests_conversation_id_id'), table_name='consent_requests')
    op.create_index('ix_consent_requests_network_address_id', 'consent_requests', ['network', 'address', 'id'], unique=False)
    op.add_column('conversations', sa.Column('session', sa.BigInteger(), server_default='1', nullable=False))
    op.add_column('conversations', sa.Column('last_inbound_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('conversations', sa.Column('burst', sa.BigInteger(), server_default='0', nullable=False))
    op.add_column('conversations', sa.Column('burst_from', sa.DateTime(timezone=True), nullable=True))
    op.add_column('messages', sa.Column('kind', sa.Text(), server_default='text', nullable=False))
    op.add_column('messages', sa.Column('purpose', sa.Text(), server_default='answer', nullable=False))
    op.add_column('messages', sa.Column('extras', postgresql.JSONB(astext_type=sa.Text()), server_default='{}', nullable=False))
    op.add_column('messages', sa.Column('tries', sa.BigInteger(), server_default='0', nullable=False))
    op.add_column('messages', sa.Column('slot_at', sa.DateTime(timezone=True), nullable=True))
    op.drop_index(op.f('ix_messages_provider_id'), table_name='messages')
    op.drop_column('messages', 'provider_id')


def downgrade() -> None:
    """Take back."""
    op.add_column('messages', sa.Column('provider_id', sa.TEXT(), autoincrement=False, nullable=True))
    op.create_index(op.f('ix_messages_provider_id'), 'messages', ['provider_id'], unique=False)
    op.drop_column('messages', 'slot_at')
    op.drop_column('messages', 'tries')
    op.drop_column('messages', 'extras')
    op.drop_column('messages', 'purpose')
    op.drop_column('messages', 'kind')
    op.drop_column('conversations', 'burst_from')
    op.drop_column('conversations', 'burst')
    op.drop_column('conversations', 'last_inbound_at')
    op.drop_column('conversations', 'session')
    op.drop_index('ix_consent_requests_network_address_id', table_name='consent_requests')
    op.create_index(op.f('ix_consent_requests_conversation_id_id'), 'consent_requests', ['conversation_id', 'id'], unique=False)
    op.drop_column('consent_requests', 'words')
    op.drop_column('consent_requests', 'source')
    op.drop_column('consent_requests', 'purpose')
    op.drop_column('consent_requests', 'number')
    op.drop_column('consent_requests', 'address')
    op.drop_column('consent_requests', 'network')
    op.drop_table('attachment_contents')
    op.drop_table('sent_parts')
    op.drop_index('ix_attachments_message_id', table_name='attachments')
    op.drop_index('ix_attachments_conversation_id', table_name='attachments')
    op.drop_table('attachments')
    op.drop_table('send_limits')
