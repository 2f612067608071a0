# ruff: noqa: ARG002 - SQLAlchemy names the arguments
"""SQLAlchemy's dialect for Hive over PyHive's DB-API: `hive+sinoptico://[login[:password]@]host:port/database`.

PyHive 0.7 brings a dialect of its own, which SQLAlchemy 2.1 has outgrown: it cannot bind a time, finds no missing
table missing, drops the column list of INSERT, makes a DATE column a TIMESTAMP, reflects DOUBLE as FLOAT and views as
tables, compiles each statement anew, and waits for ever for a server that says nothing. This one has these right and
depends on nothing else of this project.

Options in the URL: `auth` (NONE, LDAP, CUSTOM, KERBEROS, NOSASL), `kerberos_service_name`, and `timeout_s`, how long
one answer of the server may take (300): a plain `execute` waits for its whole statement.
"""

from __future__ import annotations

import contextlib
import re
import socket
from datetime import UTC, date, datetime
from types import ModuleType
from typing import Any, Final

from sqlalchemy import URL, Cast, Connection, Dialect, exc, types
from sqlalchemy.dialects import registry
from sqlalchemy.engine import default, reflection
from sqlalchemy.engine.interfaces import (
    ConnectArgsType,
    DBAPIConnection,
    ReflectedColumn,
    ReflectedForeignKeyConstraint,
    ReflectedIndex,
    ReflectedPrimaryKeyConstraint,
)
from sqlalchemy.sql import compiler
from sqlalchemy.sql.elements import BindParameter, ColumnElement

_CONNECT_S: Final = 10.0
_ANSWER_S: Final = 300.0


class HiveTimestamp(types.TIMESTAMP):
    """A time of day and date without a zone; an aware value is bound as UTC."""

    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Any:
        """PyHive binds texts and numbers only."""
        return lambda value: None if value is None else _wall(value)

    def bind_expression(self, bindvalue: BindParameter[Any]) -> ColumnElement[Any]:
        """Told apart from a text, or Hive would compare as texts."""
        return Cast(bindvalue, self)

    def literal_processor(self, dialect: Dialect) -> Any:
        """As SQL writes it."""
        return lambda value: f"TIMESTAMP '{_wall(value)}'"


class HiveDate(types.DATE):
    """A date; PyHive fetches it as a text."""

    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Any:
        """PyHive binds texts and numbers only."""
        return lambda value: None if value is None else value.isoformat()

    def bind_expression(self, bindvalue: BindParameter[Any]) -> ColumnElement[Any]:
        """Told apart from a text, or Hive would compare as texts."""
        return Cast(bindvalue, self)

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """From PyHive's text."""
        return lambda value: date.fromisoformat(value) if isinstance(value, str) else value

    def literal_processor(self, dialect: Dialect) -> Any:
        """As SQL writes it."""
        return lambda value: f"DATE '{value.isoformat()}'"


def _wall(value: datetime) -> str:
    if value.tzinfo is not None:
        value = value.astimezone(UTC).replace(tzinfo=None)
    return value.isoformat(" ", "microseconds")


class HiveTypeCompiler(compiler.GenericTypeCompiler):
    """Hive's names for types."""

    def visit_VARCHAR(self, type_: types.String, **kw: Any) -> str:  # noqa: N802
        """A length is optional in SQLAlchemy and not in Hive."""
        return f"VARCHAR({type_.length})" if type_.length else "STRING"

    def visit_TEXT(self, type_: types.Text, **kw: Any) -> str:  # noqa: N802
        """Any length."""
        return "STRING"

    visit_CLOB = visit_TEXT  # noqa: N815

    def visit_INTEGER(self, type_: types.Integer, **kw: Any) -> str:  # noqa: N802
        """32 bits."""
        return "INT"

    def visit_FLOAT(self, type_: types.Float[Any], **kw: Any) -> str:  # noqa: N802
        """A Python float is a DOUBLE; Hive's FLOAT has 32 bits."""
        return "FLOAT" if type_.precision is not None and type_.precision <= 24 else "DOUBLE"

    def visit_DOUBLE(self, type_: types.Double[Any], **kw: Any) -> str:  # noqa: N802
        """64 bits."""
        return "DOUBLE"

    def visit_NUMERIC(self, type_: types.Numeric[Any], **kw: Any) -> str:  # noqa: N802
        """Hive's own default is DECIMAL(10,0), which would cut every fraction."""
        return f"DECIMAL({type_.precision or 38},{18 if type_.scale is None else type_.scale})"

    visit_DECIMAL = visit_NUMERIC  # noqa: N815

    def visit_BLOB(self, type_: types.LargeBinary, **kw: Any) -> str:  # noqa: N802
        """Bytes."""
        return "BINARY"

    def visit_TIMESTAMP(self, type_: types.TIMESTAMP, **kw: Any) -> str:  # noqa: N802
        """Without a zone."""
        return "TIMESTAMP"

    def visit_DATETIME(self, type_: types.DateTime, **kw: Any) -> str:  # noqa: N802
        """Without a zone."""
        return "TIMESTAMP"


class HiveCompiler(compiler.SQLCompiler):
    """Where HiveQL differs from SQL."""

    def limit_clause(self, select: Any, **kw: Any) -> str:
        """`LIMIT offset, count`."""
        limit, offset = select._limit_clause, select._offset_clause  # noqa: SLF001 - how compilers are told
        if limit is None and offset is None:
            return ""
        count = "2147483647" if limit is None else self.process(limit, **kw)
        return f"\n LIMIT {count}" if offset is None else f"\n LIMIT {self.process(offset, **kw)}, {count}"

    def visit_is_not_distinct_from_binary(self, binary: Any, operator: Any, **kw: Any) -> str:
        """`<=>`."""
        return f"{self.process(binary.left, **kw)} <=> {self.process(binary.right, **kw)}"

    def visit_is_distinct_from_binary(self, binary: Any, operator: Any, **kw: Any) -> str:
        """`NOT <=>`."""
        return f"NOT ({self.process(binary.left, **kw)} <=> {self.process(binary.right, **kw)})"

    def visit_empty_set_expr(self, element_types: Any, **kw: Any) -> str:
        """An IN with nothing to choose from."""
        return f"SELECT {', '.join('NULL' for _ in element_types)} WHERE 1 != 1"


class HiveDDLCompiler(compiler.DDLCompiler):
    """Tables as Hive knows them: no constraints, no identity, no NOT NULL."""

    def get_column_specification(self, column: Any, **kw: Any) -> str:
        """Name and type."""
        type_text = self.dialect.type_compiler_instance.process(column.type, type_expression=column)
        return f"{self.preparer.format_column(column)} {type_text}"

    def create_table_constraints(self, table: Any, _include_foreign_key_constraints: Any = None, **kw: Any) -> str:
        """None: Hive would not enforce them."""
        return ""


class HiveIdentifierPreparer(compiler.IdentifierPreparer):
    """Backticks around every name: Hive's reserved words are many and grow, and it folds case anyway."""

    def __init__(self, dialect: Dialect, **kw: Any) -> None:
        super().__init__(dialect, initial_quote="`", **kw)

    def _requires_quotes(self, value: str) -> bool:
        return True


_REFLECTED: Final[dict[str, type[types.TypeEngine[Any]]]] = {
    "boolean": types.Boolean,
    "tinyint": types.SmallInteger,
    "smallint": types.SmallInteger,
    "int": types.Integer,
    "bigint": types.BigInteger,
    "float": types.Float,
    "double": types.Double,
    "string": types.String,
    "char": types.String,
    "varchar": types.String,
    "binary": types.LargeBinary,
    "date": HiveDate,
    "timestamp": HiveTimestamp,
}


class HiveDialect(default.DefaultDialect):
    """See the module."""

    name = "hive"
    driver = "sinoptico"
    default_paramstyle = "pyformat"
    supports_statement_cache = True
    supports_native_boolean = True
    supports_native_decimal = True
    supports_multivalues_insert = True
    supports_empty_insert = False
    supports_default_values = False
    supports_sane_rowcount = False
    supports_sane_multi_rowcount = False
    supports_alter = False
    insert_returning = False
    postfetch_lastrowid = False
    div_is_floordiv = False
    max_identifier_length = 128
    returns_native_bytes = True
    preparer: type[compiler.IdentifierPreparer] = HiveIdentifierPreparer
    statement_compiler = HiveCompiler
    ddl_compiler = HiveDDLCompiler
    type_compiler_cls = HiveTypeCompiler
    colspecs = {types.DateTime: HiveTimestamp, types.TIMESTAMP: HiveTimestamp, types.Date: HiveDate}  # noqa: RUF012

    @classmethod
    def import_dbapi(cls) -> ModuleType:
        """PyHive's DB-API module."""
        from pyhive import hive

        return hive  # type: ignore[no-any-return]

    def create_connect_args(self, url: URL) -> ConnectArgsType:
        """A password makes the login LDAP, which is the same SASL PLAIN that a CUSTOM authenticator reads.

        Raises `ArgumentError` for a time-out that is no number of seconds.
        """
        arguments: dict[str, Any] = {
            "host": url.host or "127.0.0.1",
            "port": url.port or 10_000,
            "username": url.username,
            "database": url.database or "default",
            "auth": "LDAP" if url.password else "NONE",
        }
        if url.password:
            arguments["password"] = url.password
        arguments |= dict(url.query)
        try:
            arguments["timeout_s"] = float(arguments.get("timeout_s", _ANSWER_S))
        except ValueError as error:
            raise exc.ArgumentError(f"timeout_s={arguments['timeout_s']}: expected seconds, e.g. 60") from error
        return (), arguments

    def connect(self, *cargs: Any, **cparams: Any) -> DBAPIConnection:
        """Ask the port first: Thrift writes a complaint of its own to stderr for a closed one."""
        timeout_s = cparams.pop("timeout_s", _ANSWER_S)
        if "scheme" in cparams or "thrift_transport" in cparams:
            return super().connect(*cargs, **cparams)
        host, port = cparams.pop("host"), int(cparams.pop("port"))
        socket.create_connection((host, port), timeout=min(_CONNECT_S, timeout_s)).close()
        login = {name: cparams.pop(name, None) for name in ("auth", "password", "kerberos_service_name")}
        transport = _transport(host, port, timeout_s, username=cparams.get("username"), **login)
        try:
            return super().connect(*cargs, thrift_transport=transport, **cparams)
        except BaseException:
            transport.close()
            raise

    def is_disconnect(self, e: Exception, connection: Any, cursor: Any) -> bool:
        """Whether the session is gone: the server was started anew, or has let go of an idle one."""
        return bool(re.search(r"[Ii]nvalid SessionHandle|[Ss]ession .*(?:does not exist|closed)", str(e)))

    def do_rollback(self, dbapi_connection: DBAPIConnection) -> None:
        """Nothing: no transactions."""

    def do_commit(self, dbapi_connection: DBAPIConnection) -> None:
        """Nothing: each statement stands alone."""

    def do_ping(self, dbapi_connection: DBAPIConnection) -> bool:
        """Whether the session still answers."""
        from thrift.Thrift import TException

        # Thrift's errors are no DB-API errors, so SQLAlchemy would take them for ours and not for a broken connection.
        with contextlib.suppress(TException, OSError), contextlib.closing(dbapi_connection.cursor()) as cursor:
            cursor.execute("SELECT 1")
            return bool(cursor.fetchone())
        return False

    def _get_default_schema_name(self, connection: Connection) -> str:
        return str(connection.exec_driver_sql("SELECT current_database()").scalar_one())

    def _get_server_version_info(self, connection: Connection) -> tuple[int, ...]:
        told = str(connection.exec_driver_sql("SELECT version()").scalar_one())
        return tuple(int(number) for number in re.findall(r"\d+", told.split(" ", maxsplit=1)[0]))

    def has_table(self, connection: Connection, table_name: str, schema: str | None = None, **kw: Any) -> bool:
        """Whether there is a table or view of that name."""
        return table_name.lower() in self._names(connection, "TABLES", schema)

    @reflection.cache
    def get_schema_names(self, connection: Connection, **kw: Any) -> list[str]:
        """Databases."""
        return [str(row[0]) for row in connection.exec_driver_sql("SHOW DATABASES")]

    @reflection.cache
    def get_table_names(self, connection: Connection, schema: str | None = None, **kw: Any) -> list[str]:
        """Tables without views."""
        views = set(self._names(connection, "VIEWS", schema))
        return [name for name in self._names(connection, "TABLES", schema) if name not in views]

    @reflection.cache
    def get_view_names(self, connection: Connection, schema: str | None = None, **kw: Any) -> list[str]:
        """Views."""
        return self._names(connection, "VIEWS", schema)

    @reflection.cache
    def get_columns(
        self, connection: Connection, table_name: str, schema: str | None = None, **kw: Any
    ) -> list[ReflectedColumn]:
        """Columns, partition columns last."""
        if not self.has_table(connection, table_name, schema):
            raise exc.NoSuchTableError(table_name)
        preparer = self.identifier_preparer
        full = ".".join(preparer.quote(part) for part in (schema, table_name) if part)
        columns: list[ReflectedColumn] = []
        for name, declared, *_ in connection.exec_driver_sql(f"DESCRIBE {full}"):
            if not name or name.startswith("#"):
                break  # what follows tells the partition columns a second time
            columns.append({"name": name, "type": _reflected(declared), "nullable": True, "default": None})
        return columns

    def get_pk_constraint(
        self, connection: Connection, table_name: str, schema: str | None = None, **kw: Any
    ) -> ReflectedPrimaryKeyConstraint:
        """None: Hive has none to enforce."""
        return {"constrained_columns": [], "name": None}

    def get_foreign_keys(
        self, connection: Connection, table_name: str, schema: str | None = None, **kw: Any
    ) -> list[ReflectedForeignKeyConstraint]:
        """None."""
        return []

    def get_indexes(
        self, connection: Connection, table_name: str, schema: str | None = None, **kw: Any
    ) -> list[ReflectedIndex]:
        """None."""
        return []

    def _names(self, connection: Connection, kind: str, schema: str | None) -> list[str]:
        where = f" IN {self.identifier_preparer.quote(schema)}" if schema else ""
        return [str(row[0]) for row in connection.exec_driver_sql(f"SHOW {kind}{where}")]


def _transport(
    host: str,
    port: int,
    timeout_s: float,
    *,
    auth: str | None,
    username: str | None,
    password: str | None,
    kerberos_service_name: str | None,
) -> Any:
    """PyHive's own transports, with the time-out that PyHive does not give its socket."""
    from pyhive.hive import get_installed_sasl
    from thrift.transport.TSocket import TSocket
    from thrift.transport.TTransport import TBufferedTransport
    from thrift_sasl import TSaslClientTransport

    channel = TSocket(host, port)
    channel.setTimeout(timeout_s * 1000)
    if auth == "NOSASL":
        return TBufferedTransport(channel)
    if auth not in {"NONE", "LDAP", "CUSTOM", "KERBEROS"}:
        raise exc.ArgumentError(f"auth={auth}: expected NONE, LDAP, CUSTOM, KERBEROS or NOSASL")
    mechanism = "GSSAPI" if auth == "KERBEROS" else "PLAIN"

    def sasl() -> Any:
        return get_installed_sasl(
            host=host,
            sasl_auth=mechanism,
            service=kerberos_service_name,
            username=username or "anonymous",
            # Where Hive asks for no password it still wants one to be sent.
            password=password or "x",
        )

    return TSaslClientTransport(sasl, mechanism, channel)


def _reflected(declared: str) -> types.TypeEngine[Any]:
    match = re.fullmatch(r"(\w+)(?:\((\d+)(?:,(\d+))?\))?", declared.strip().lower())
    if match and match[1] == "decimal":
        return types.Numeric(int(match[2] or 10), int(match[3] or 0))
    if match and match[1] in {"char", "varchar"} and match[2]:
        return types.String(int(match[2]))
    found = _REFLECTED.get(match[1]) if match else None
    return found() if found else types.NullType()


registry.register("hive.sinoptico", __name__, "HiveDialect")
