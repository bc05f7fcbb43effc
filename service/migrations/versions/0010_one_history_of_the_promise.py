"""one history of the promise"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# What carriers promised becomes part of the one history, for parcels that nothing else was told of.
MOVED = """
INSERT INTO delivery_date_moves
    (parcel_id, at, why, first_before, last_before, first, last, because, matters)
SELECT parcel_id, told_at,
       CASE WHEN last_before IS NULL THEN 'first'
            WHEN last < last_before THEN 'earlier' ELSE 'later' END,
       first_before, last_before, first, last, '', false
FROM (
    SELECT told.*, lag(first) OVER one AS first_before, lag(last) OVER one AS last_before
    FROM (
        SELECT id, parcel_id, told_at,
               coalesce(promised_from, promised_to - interval '1 microsecond')::date AS first,
               (promised_to - interval '1 microsecond')::date AS last
        FROM promised_windows
    ) told
    WINDOW one AS (PARTITION BY parcel_id ORDER BY id)
) each
WHERE parcel_id NOT IN (SELECT parcel_id FROM delivery_date_moves)
ORDER BY id
"""


def upgrade() -> None:
    """Apply."""
    op.execute(MOVED)
    op.drop_index(op.f('ix_promised_windows_parcel_id_id'), table_name='promised_windows')
    op.drop_table('promised_windows')
    op.add_column('delivery_dates', sa.Column('due', sa.Date(), nullable=True))
    op.execute("UPDATE delivery_dates SET due = first_told + 1")


def downgrade() -> None:
    """Take back."""
    op.drop_column('delivery_dates', 'due')
    op.create_table('promised_windows',
    sa.Column('id', sa.BIGINT(), autoincrement=True, nullable=False),
    sa.Column('parcel_id', sa.BIGINT(), autoincrement=False, nullable=False),
    sa.Column('promised_from', postgresql.TIMESTAMP(timezone=True), autoincrement=False, nullable=True),
    sa.Column('promised_to', postgresql.TIMESTAMP(timezone=True), autoincrement=False, nullable=False),
    sa.Column('told_at', postgresql.TIMESTAMP(timezone=True), autoincrement=False, nullable=False),
    sa.ForeignKeyConstraint(['parcel_id'], ['parcels.id'], name=op.f('fk_promised_windows_parcel_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_promised_windows'))
    )
    op.create_index(op.f('ix_promised_windows_parcel_id_id'), 'promised_windows', ['parcel_id', 'id'], unique=False)
