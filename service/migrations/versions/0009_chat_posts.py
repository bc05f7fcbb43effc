"""chat posts"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table('chat_posts',
    sa.Column('digest', sa.Text(), nullable=False),
    sa.Column('since', sa.DateTime(timezone=True), nullable=False),
    sa.Column('count', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('digest', name=op.f('pk_chat_posts')),
    prefixes=['UNLOGGED']
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table('chat_posts')
