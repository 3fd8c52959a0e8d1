# Opens a store with DuckDB and prints what the test compares. Arguments: the store's folder.
import glob
import os
import sys

try:
    import duckdb
    import duckdb_extension_ducklake
    import duckdb_extension_sqlite_scanner
except ImportError as error:
    print("missing:", error)
    sys.exit(77)

connection = duckdb.connect(config={"allow_unsigned_extensions": "true"})
for module in (duckdb_extension_sqlite_scanner, duckdb_extension_ducklake):
    folder = os.path.dirname(module.__file__)
    for extension in glob.glob(folder + "/extensions/*/*.duckdb_extension"):
        connection.execute(f"LOAD '{extension}'")
os.chdir("/")
store = sys.argv[1]
mode = " (READ_ONLY)" if len(sys.argv) < 3 else ""
if sys.argv[2:] == ["inline"]:
    mode = " (DATA_INLINING_ROW_LIMIT 100)"
connection.execute(f"ATTACH 'ducklake:sqlite:{store}/catalogue.sqlite' AS lake{mode}")
for statement in sys.stdin.read().split(";"):
    if statement.strip():
        for row in connection.execute(statement).fetchall():
            print("|".join("" if cell is None else str(cell) for cell in row))
