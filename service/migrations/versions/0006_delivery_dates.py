"""delivery dates"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table('edd_trainings',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('at_work', sa.Text(), nullable=False),
    sa.Column('version', sa.Text(), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_edd_trainings'))
    )
    op.create_table('delivery_date_moves',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('parcel_id', sa.BigInteger(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('why', sa.Text(), nullable=False),
    sa.Column('first_before', sa.Date(), nullable=True),
    sa.Column('last_before', sa.Date(), nullable=True),
    sa.Column('first', sa.Date(), nullable=True),
    sa.Column('last', sa.Date(), nullable=True),
    sa.Column('because', sa.Text(), nullable=False),
    sa.Column('matters', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['parcel_id'], ['parcels.id'], name=op.f('fk_delivery_date_moves_parcel_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_delivery_date_moves'))
    )
    op.create_index('ix_delivery_date_moves_parcel_id_at', 'delivery_date_moves', ['parcel_id', 'at'], unique=False)
    op.create_table('delivery_dates',
    sa.Column('parcel_id', sa.BigInteger(), nullable=False),
    sa.Column('first', sa.Date(), nullable=True),
    sa.Column('last', sa.Date(), nullable=True),
    sa.Column('first_told', sa.Date(), nullable=True),
    sa.Column('because', sa.Text(), nullable=False),
    sa.Column('by', sa.Text(), nullable=False),
    sa.Column('shop', sa.Date(), nullable=True),
    sa.Column('carrier', sa.Date(), nullable=True),
    sa.Column('estimated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('model', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['parcel_id'], ['parcels.id'], name=op.f('fk_delivery_dates_parcel_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('parcel_id', name=op.f('pk_delivery_dates'))
    )
    op.add_column('parcels', sa.Column('first_promised_to', sa.DateTime(timezone=True), nullable=True))
    op.add_column('parcels', sa.Column('first_promised_at', sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Take back."""
    op.drop_column('parcels', 'first_promised_at')
    op.drop_column('parcels', 'first_promised_to')
    op.drop_table('delivery_dates')
    op.drop_index('ix_delivery_date_moves_parcel_id_at', table_name='delivery_date_moves')
    op.drop_table('delivery_date_moves')
    op.drop_table('edd_trainings')
