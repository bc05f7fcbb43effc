"""notifications and tracking page"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table('failed_page_tries',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('digest', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_failed_page_tries'))
    )
    op.create_index('ix_failed_page_tries_digest_at', 'failed_page_tries', ['digest', 'at'], unique=False)
    op.create_table('notification_choices',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('order_id', sa.BigInteger(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('wanted', sa.Boolean(), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['order_id'], ['orders.id'], name=op.f('fk_notification_choices_order_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notification_choices'))
    )
    op.create_index('ix_notification_choices_order_id_channel_id', 'notification_choices', ['order_id', 'channel'], unique=False)
    op.create_table('opened_links',
    sa.Column('ref', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('order_id', sa.BigInteger(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['order_id'], ['orders.id'], name=op.f('fk_opened_links_order_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('ref', name=op.f('pk_opened_links'))
    )
    op.create_table('push_subscriptions',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('order_id', sa.BigInteger(), nullable=False),
    sa.Column('endpoint', sa.Text(), nullable=False),
    sa.Column('p256dh', sa.Text(), nullable=False),
    sa.Column('auth', sa.Text(), nullable=False),
    sa.Column('lang', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('gone_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['order_id'], ['orders.id'], name=op.f('fk_push_subscriptions_order_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_push_subscriptions')),
    sa.UniqueConstraint('order_id', 'endpoint', name=op.f('uq_push_subscriptions_order_id_endpoint'))
    )
    op.create_table('revoked_links',
    sa.Column('order_id', sa.BigInteger(), nullable=False),
    sa.Column('generation', sa.BigInteger(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['order_id'], ['orders.id'], name=op.f('fk_revoked_links_order_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('order_id', name=op.f('pk_revoked_links'))
    )
    op.create_table('promised_windows',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('parcel_id', sa.BigInteger(), nullable=False),
    sa.Column('promised_from', sa.DateTime(timezone=True), nullable=True),
    sa.Column('promised_to', sa.DateTime(timezone=True), nullable=False),
    sa.Column('told_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['parcel_id'], ['parcels.id'], name=op.f('fk_promised_windows_parcel_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_promised_windows'))
    )
    op.create_index('ix_promised_windows_parcel_id_id', 'promised_windows', ['parcel_id', 'id'], unique=False)


def downgrade() -> None:
    """Take back."""
    op.drop_index('ix_promised_windows_parcel_id_id', table_name='promised_windows')
    op.drop_table('promised_windows')
    op.drop_table('revoked_links')
    op.drop_table('push_subscriptions')
    op.drop_table('opened_links')
    op.drop_index('ix_notification_choices_order_id_channel_id', table_name='notification_choices')
    op.drop_table('notification_choices')
    op.drop_index('ix_failed_page_tries_digest_at', table_name='failed_page_tries')
    op.drop_table('failed_page_tries')
