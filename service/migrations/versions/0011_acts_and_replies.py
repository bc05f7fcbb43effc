"""whose changes, the order of lists, answers by mail"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_unique_constraint(op.f('uq_mails_name'), 'mails', ['name'])
    op.add_column('tickets', sa.Column('changed_by_id', sa.BigInteger(), nullable=True))
    op.add_column('tickets', sa.Column('changed_from', sa.BigInteger(), server_default='1', nullable=False))
    op.drop_index(op.f('ix_tickets_list'), table_name='tickets', postgresql_where="(status = 'open'::text)")
    op.create_index('ix_tickets_list', 'tickets', [sa.literal_column('(waiting_since IS NULL)'), sa.literal_column('priority DESC'), 'due_at', 'id'], unique=False, postgresql_where="status = 'open'")
    op.create_foreign_key(op.f('fk_tickets_changed_by_id'), 'tickets', 'agents', ['changed_by_id'], ['id'])


def downgrade() -> None:
    """Take back."""
    op.drop_constraint(op.f('fk_tickets_changed_by_id'), 'tickets', type_='foreignkey')
    op.drop_index('ix_tickets_list', table_name='tickets', postgresql_where="status = 'open'")
    op.create_index(op.f('ix_tickets_list'), 'tickets', ['priority', 'due_at', 'id'], unique=False, postgresql_where="(status = 'open'::text)")
    op.drop_column('tickets', 'changed_from')
    op.drop_column('tickets', 'changed_by_id')
    op.drop_constraint(op.f('uq_mails_name'), 'mails', type_='unique')
