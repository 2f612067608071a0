"""What was: one interface over Hive and, on the same Parquet files, DuckDB. Only this folder speaks SQL.

opening.open_historian(place, refinery)      chooses: `hive://host:port` or a lake folder
historian.py     what a historian answers, and how a call is watched, cancelled and fails
sql_historian.py which table answers best; parts joined in numpy
statements.py    the SELECTs, in SQLAlchemy Core, the same for both engines
duckdb.py hive.py  run one statement and return columns
seam.py          history joined with what is newer than it
"""
