"""Alembic's entry: runs inside the connection that ``service.db.migrate`` hands over."""

from alembic import context

from service import models
from service.db import Base

_ = models  # every table is known to ``Base.metadata`` once they are imported

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
with context.begin_transaction():
    context.run_migrations()
