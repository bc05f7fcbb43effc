"""notifications"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.drop_constraint(op.f("ck_mails_state"), "mails", type_="check")
    op.create_check_constraint(
        op.f("ck_mails_state"),
        "mails",
        "state IN ('queued', 'sent', 'delivered', 'failed', 'bounced', 'complained')",
    )
    op.create_table('caught_mails',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('message_id', sa.Text(), nullable=False),
    sa.Column('raw', sa.LargeBinary(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_caught_mails')),
    sa.UniqueConstraint('message_id', name=op.f('uq_caught_mails_message_id'))
    )
    op.create_table('monthly_costs',
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('month', sa.Date(), nullable=False),
    sa.Column('spent', sa.Numeric(precision=12, scale=4), server_default='0', nullable=False),
    sa.PrimaryKeyConstraint('kind', 'month', name=op.f('pk_monthly_costs'))
    )
    op.create_table('notification_texts',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('lang', sa.Text(), nullable=False),
    sa.Column('trigger', sa.Text(), nullable=False),
    sa.Column('text', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('agent_id', sa.BigInteger(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['agent_id'], ['agents.id'], name=op.f('fk_notification_texts_agent_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notification_texts'))
    )
    op.create_index('ix_notification_texts_lang_trigger_id', 'notification_texts', ['lang', 'trigger', 'id'], unique=False)
    op.create_table('notifications',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('order_id', sa.BigInteger(), nullable=False),
    sa.Column('person', sa.Text(), nullable=False),
    sa.Column('trigger', sa.Text(), nullable=False),
    sa.Column('news', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('lang', sa.Text(), nullable=False),
    sa.Column('urgent', sa.Boolean(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['order_id'], ['orders.id'], name=op.f('fk_notifications_order_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notifications'))
    )
    op.create_index('ix_notifications_order_id', 'notifications', ['order_id'], unique=False)
    op.create_index('ix_notifications_person_at', 'notifications', ['person', 'at'], unique=False)
    op.create_table('milestone_watches',
    sa.Column('parcel_id', sa.BigInteger(), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['parcel_id'], ['parcels.id'], name=op.f('fk_milestone_watches_parcel_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('parcel_id', name=op.f('pk_milestone_watches'))
    )
    op.create_index('ix_milestone_watches_due_at', 'milestone_watches', ['due_at'], unique=False)
    op.create_table('milestones',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('order_id', sa.BigInteger(), nullable=False),
    sa.Column('parcel_id', sa.BigInteger(), nullable=True),
    sa.Column('trigger', sa.Text(), nullable=False),
    sa.Column('about', sa.Text(), server_default='', nullable=False),
    sa.Column('person', sa.Text(), nullable=False),
    sa.Column('facts', postgresql.JSONB(astext_type=sa.Text()), server_default='{}', nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('noticed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('state', sa.Text(), server_default='waiting', nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('why', sa.Text(), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('notification_id', sa.BigInteger(), nullable=True),
    sa.CheckConstraint("state IN ('waiting', 'told', 'held')", name=op.f('ck_milestones_state')),
    sa.ForeignKeyConstraint(['notification_id'], ['notifications.id'], name=op.f('fk_milestones_notification_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['order_id'], ['orders.id'], name=op.f('fk_milestones_order_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['parcel_id'], ['parcels.id'], name=op.f('fk_milestones_parcel_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_milestones'))
    )
    op.create_index('ix_milestones_notification_id', 'milestones', ['notification_id'], unique=False)
    op.create_index('ix_milestones_order_id', 'milestones', ['order_id'], unique=False)
    op.create_index('ix_milestones_trigger_decided_at', 'milestones', ['trigger', 'decided_at'], unique=False)
    op.create_index('ix_milestones_waiting', 'milestones', ['person'], unique=False, postgresql_where="state = 'waiting'")
    op.create_index('uq_milestones_order', 'milestones', ['order_id', 'trigger', 'about'], unique=True, postgresql_where='parcel_id IS NULL')
    op.create_index('uq_milestones_parcel', 'milestones', ['parcel_id', 'trigger', 'about'], unique=True, postgresql_where='parcel_id IS NOT NULL')
    op.create_table('sendings',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('notification_id', sa.BigInteger(), nullable=False),
    sa.Column('order_id', sa.BigInteger(), nullable=False),
    sa.Column('way', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('address', sa.Text(), server_default='', nullable=False),
    sa.Column('lang', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), server_default='queued', nullable=False),
    sa.Column('why', sa.Text(), nullable=True),
    sa.Column('message_id', sa.BigInteger(), nullable=True),
    sa.Column('mail_id', sa.BigInteger(), nullable=True),
    sa.Column('cost', sa.Numeric(precision=10, scale=4), server_default='0', nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('look_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("state IN ('queued', 'sent', 'delivered', 'failed', 'held')", name=op.f('ck_sendings_state')),
    sa.ForeignKeyConstraint(['mail_id'], ['mails.id'], name=op.f('fk_sendings_mail_id')),
    sa.ForeignKeyConstraint(['message_id'], ['messages.id'], name=op.f('fk_sendings_message_id')),
    sa.ForeignKeyConstraint(['notification_id'], ['notifications.id'], name=op.f('fk_sendings_notification_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['order_id'], ['orders.id'], name=op.f('fk_sendings_order_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sendings'))
    )
    op.create_index('ix_sendings_mail_id', 'sendings', ['mail_id'], unique=False)
    op.create_index('ix_sendings_message_id', 'sendings', ['message_id'], unique=False)
    op.create_index('ix_sendings_notification_id', 'sendings', ['notification_id'], unique=False)
    op.create_index('ix_sendings_open', 'sendings', ['look_at'], unique=False, postgresql_where='settled_at IS NULL')
    op.create_index('ix_sendings_order_id', 'sendings', ['order_id'], unique=False)
    op.create_table('push_messages',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('sending_id', sa.BigInteger(), nullable=False),
    sa.Column('subscription_id', sa.BigInteger(), nullable=False),
    sa.Column('payload', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('state', sa.Text(), server_default='queued', nullable=False),
    sa.Column('why', sa.Text(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("state IN ('queued', 'sent', 'failed')", name=op.f('ck_push_messages_state')),
    sa.ForeignKeyConstraint(['sending_id'], ['sendings.id'], name=op.f('fk_push_messages_sending_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['subscription_id'], ['push_subscriptions.id'], name=op.f('fk_push_messages_subscription_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_push_messages')),
    sa.UniqueConstraint('sending_id', 'subscription_id', name=op.f('uq_push_messages_sending_id_subscription_id'))
    )
    op.add_column('mails', sa.Column('html', sa.Text(), nullable=True))
    op.add_column('mails', sa.Column('headers', postgresql.JSONB(astext_type=sa.Text()), server_default='{}', nullable=False))
    op.add_column('notification_choices', sa.Column('address', sa.Text(), nullable=True))
    op.create_index('ix_notification_choices_address', 'notification_choices', ['address'], unique=False, postgresql_where='address IS NOT NULL')
    op.create_index('ix_orders_placed_at', 'orders', ['placed_at'], unique=False)


def downgrade() -> None:
    """Take back."""
    op.drop_constraint(op.f("ck_mails_state"), "mails", type_="check")
    op.create_check_constraint(op.f("ck_mails_state"), "mails", "state IN ('queued', 'sent', 'failed')")
    op.drop_index('ix_orders_placed_at', table_name='orders')
    op.drop_index('ix_notification_choices_address', table_name='notification_choices', postgresql_where='address IS NOT NULL')
    op.drop_column('notification_choices', 'address')
    op.drop_column('mails', 'headers')
    op.drop_column('mails', 'html')
    op.drop_table('push_messages')
    op.drop_index('ix_sendings_order_id', table_name='sendings')
    op.drop_index('ix_sendings_open', table_name='sendings', postgresql_where='settled_at IS NULL')
    op.drop_index('ix_sendings_notification_id', table_name='sendings')
    op.drop_index('ix_sendings_message_id', table_name='sendings')
    op.drop_index('ix_sendings_mail_id', table_name='sendings')
    op.drop_table('sendings')
    op.drop_index('uq_milestones_parcel', table_name='milestones', postgresql_where='parcel_id IS NOT NULL')
    op.drop_index('uq_milestones_order', table_name='milestones', postgresql_where='parcel_id IS NULL')
    op.drop_index('ix_milestones_waiting', table_name='milestones', postgresql_where="state = 'waiting'")
    op.drop_index('ix_milestones_trigger_decided_at', table_name='milestones')
    op.drop_index('ix_milestones_order_id', table_name='milestones')
    op.drop_index('ix_milestones_notification_id', table_name='milestones')
    op.drop_table('milestones')
    op.drop_index('ix_milestone_watches_due_at', table_name='milestone_watches')
    op.drop_table('milestone_watches')
    op.drop_index('ix_notifications_person_at', table_name='notifications')
    op.drop_index('ix_notifications_order_id', table_name='notifications')
    op.drop_table('notifications')
    op.drop_index('ix_notification_texts_lang_trigger_id', table_name='notification_texts')
    op.drop_table('notification_texts')
    op.drop_table('monthly_costs')
    op.drop_table('caught_mails')
