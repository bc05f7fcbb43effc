"""carrier corrections"""

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column('parcels', sa.Column('carrier_by', sa.Text(), server_default='shop', nullable=False))
    op.create_check_constraint(op.f('ck_parcels_carrier_by'), 'parcels', "carrier_by IN ('shop', 'answer', 'agent')")
    op.add_column('parcels', sa.Column('shop_carrier', sa.Text(), nullable=True))
    op.execute("UPDATE parcels SET shop_carrier = carrier")
    op.alter_column('parcels', 'shop_carrier', nullable=False)
    op.drop_constraint(op.f('uq_parcels_carrier_number'), 'parcels', type_='unique')
    op.create_index('ix_parcels_number', 'parcels', ['number'], unique=False)
    op.create_unique_constraint(op.f('uq_parcels_shop_carrier_number'), 'parcels', ['shop_carrier', 'number'])



def downgrade() -> None:
    """Take back."""
    op.drop_constraint(op.f('uq_parcels_shop_carrier_number'), 'parcels', type_='unique')
    op.drop_index('ix_parcels_number', table_name='parcels')
    op.create_unique_constraint(op.f('uq_parcels_carrier_number'), 'parcels', ['carrier', 'number'], postgresql_nulls_not_distinct=False)
    op.drop_column('parcels', 'shop_carrier')
    op.drop_column('parcels', 'carrier_by')  # and its check with it
