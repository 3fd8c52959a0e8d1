//! The tables of the catalogue: DuckLake 1.0 as DuckDB writes it to SQLite, and our own beside them.

/// The version of the DuckLake format that the catalogue declares.
pub(crate) const LAKE_VERSION: &str = "1.0";

/// The version of our own tables: the number of steps in [`OWN_LAYOUTS`].
pub(crate) const LAYOUT_VERSION: i64 = OWN_LAYOUTS.len() as i64;

/// The published tables of a DuckLake catalogue. Readers look for all of them, also for those that we leave empty.
pub(crate) const LAKE_TABLES: &str = "
CREATE TABLE ducklake_metadata(key VARCHAR NOT NULL, value VARCHAR NOT NULL, scope VARCHAR, scope_id BIGINT);
CREATE TABLE ducklake_snapshot(snapshot_id BIGINT PRIMARY KEY, snapshot_time VARCHAR, schema_version BIGINT, next_catalog_id BIGINT, next_file_id BIGINT);
CREATE TABLE ducklake_snapshot_changes(snapshot_id BIGINT PRIMARY KEY, changes_made VARCHAR, author VARCHAR, commit_message VARCHAR, commit_extra_info VARCHAR);
CREATE TABLE ducklake_schema(schema_id BIGINT PRIMARY KEY, schema_uuid VARCHAR, begin_snapshot BIGINT, end_snapshot BIGINT, schema_name VARCHAR, path VARCHAR, path_is_relative BIGINT);
CREATE TABLE ducklake_table(table_id BIGINT, table_uuid VARCHAR, begin_snapshot BIGINT, end_snapshot BIGINT, schema_id BIGINT, table_name VARCHAR, path VARCHAR, path_is_relative BIGINT);
CREATE TABLE ducklake_view(view_id BIGINT, view_uuid VARCHAR, begin_snapshot BIGINT, end_snapshot BIGINT, schema_id BIGINT, view_name VARCHAR, dialect VARCHAR, sql VARCHAR, column_aliases VARCHAR);
CREATE TABLE ducklake_tag(object_id BIGINT, begin_snapshot BIGINT, end_snapshot BIGINT, key VARCHAR, value VARCHAR);
CREATE TABLE ducklake_column_tag(table_id BIGINT, column_id BIGINT, begin_snapshot BIGINT, end_snapshot BIGINT, key VARCHAR, value VARCHAR);
CREATE TABLE ducklake_data_file(data_file_id BIGINT PRIMARY KEY, table_id BIGINT, begin_snapshot BIGINT, end_snapshot BIGINT, file_order BIGINT, path VARCHAR, path_is_relative BIGINT, file_format VARCHAR, record_count BIGINT, file_size_bytes BIGINT, footer_size BIGINT, row_id_start BIGINT, partition_id BIGINT, encryption_key VARCHAR, mapping_id BIGINT, partial_max BIGINT);
CREATE TABLE ducklake_file_column_stats(data_file_id BIGINT, table_id BIGINT, column_id BIGINT, column_size_bytes BIGINT, value_count BIGINT, null_count BIGINT, min_value VARCHAR, max_value VARCHAR, contains_nan BIGINT, extra_stats VARCHAR);
CREATE TABLE ducklake_file_variant_stats(data_file_id BIGINT, table_id BIGINT, column_id BIGINT, variant_path VARCHAR, shredded_type VARCHAR, column_size_bytes BIGINT, value_count BIGINT, null_count BIGINT, min_value VARCHAR, max_value VARCHAR, contains_nan BIGINT, extra_stats VARCHAR);
CREATE TABLE ducklake_delete_file(delete_file_id BIGINT PRIMARY KEY, table_id BIGINT, begin_snapshot BIGINT, end_snapshot BIGINT, data_file_id BIGINT, path VARCHAR, path_is_relative BIGINT, format VARCHAR, delete_count BIGINT, file_size_bytes BIGINT, footer_size BIGINT, encryption_key VARCHAR, partial_max BIGINT);
CREATE TABLE ducklake_column(column_id BIGINT, begin_snapshot BIGINT, end_snapshot BIGINT, table_id BIGINT, column_order BIGINT, column_name VARCHAR, column_type VARCHAR, initial_default VARCHAR, default_value VARCHAR, nulls_allowed BIGINT, parent_column BIGINT, default_value_type VARCHAR, default_value_dialect VARCHAR);
CREATE TABLE ducklake_table_stats(table_id BIGINT, record_count BIGINT, next_row_id BIGINT, file_size_bytes BIGINT);
CREATE TABLE ducklake_table_column_stats(table_id BIGINT, column_id BIGINT, contains_null BIGINT, contains_nan BIGINT, min_value VARCHAR, max_value VARCHAR, extra_stats VARCHAR);
CREATE TABLE ducklake_partition_info(partition_id BIGINT, table_id BIGINT, begin_snapshot BIGINT, end_snapshot BIGINT);
CREATE TABLE ducklake_partition_column(partition_id BIGINT, table_id BIGINT, partition_key_index BIGINT, column_id BIGINT, transform VARCHAR);
CREATE TABLE ducklake_file_partition_value(data_file_id BIGINT, table_id BIGINT, partition_key_index BIGINT, partition_value VARCHAR);
CREATE TABLE ducklake_files_scheduled_for_deletion(data_file_id BIGINT, path VARCHAR, path_is_relative BIGINT, schedule_start VARCHAR);
CREATE TABLE ducklake_inlined_data_tables(table_id BIGINT, table_name VARCHAR, schema_version BIGINT);
CREATE TABLE ducklake_column_mapping(mapping_id BIGINT, table_id BIGINT, type VARCHAR);
CREATE TABLE ducklake_name_mapping(mapping_id BIGINT, column_id BIGINT, source_name VARCHAR, target_field_id BIGINT, parent_column BIGINT, is_partition BIGINT);
CREATE TABLE ducklake_schema_versions(begin_snapshot BIGINT, schema_version BIGINT, table_id BIGINT);
CREATE TABLE ducklake_macro(schema_id BIGINT, macro_id BIGINT, macro_name VARCHAR, begin_snapshot BIGINT, end_snapshot BIGINT);
CREATE TABLE ducklake_macro_impl(macro_id BIGINT, impl_id BIGINT, dialect VARCHAR, sql VARCHAR, type VARCHAR);
CREATE TABLE ducklake_macro_parameters(macro_id BIGINT, impl_id BIGINT, column_id BIGINT, parameter_name VARCHAR, parameter_type VARCHAR, default_value VARCHAR, default_value_type VARCHAR);
CREATE TABLE ducklake_sort_info(sort_id BIGINT, table_id BIGINT, begin_snapshot BIGINT, end_snapshot BIGINT);
CREATE TABLE ducklake_sort_expression(sort_id BIGINT, table_id BIGINT, sort_key_index BIGINT, expression VARCHAR, dialect VARCHAR, sort_direction VARCHAR, null_order VARCHAR);
";

/// Our own tables, in the steps by which they grew: step n makes version n + 1 of version n. They hold what DuckLake has no
/// place for and are written in the same transaction. A step that was released is never changed.
pub(crate) const OWN_LAYOUTS: [&str; 2] = [LAYOUT_1, LAYOUT_2];

const LAYOUT_1: &str = "
CREATE TABLE sekisho_layout(version INTEGER NOT NULL);
CREATE TABLE sekisho_column(table_id INTEGER NOT NULL, column_id INTEGER NOT NULL, is_dictionary INTEGER NOT NULL, PRIMARY KEY(table_id, column_id)) WITHOUT ROWID;
CREATE TABLE sekisho_segment(data_file_id INTEGER PRIMARY KEY, table_id INTEGER NOT NULL, time_min INTEGER, time_max INTEGER, null_times INTEGER NOT NULL);
CREATE INDEX sekisho_segment_table ON sekisho_segment(table_id);
CREATE INDEX sekisho_data_file_table ON ducklake_data_file(table_id);
CREATE INDEX sekisho_column_table ON ducklake_column(table_id);
CREATE TABLE sekisho_file(sha256 TEXT NOT NULL, name TEXT NOT NULL, bytes INTEGER NOT NULL, kind TEXT NOT NULL, events INTEGER NOT NULL, duplicates INTEGER NOT NULL, rejected INTEGER NOT NULL, first_loaded INTEGER NOT NULL, last_loaded INTEGER NOT NULL, loads INTEGER NOT NULL, PRIMARY KEY(sha256, name)) WITHOUT ROWID;
";

/// Checksums of every file, checkpoints of sources, holds, retention, and how hourly and daily files agree.
const LAYOUT_2: &str = "
ALTER TABLE sekisho_segment ADD COLUMN is_sorted INTEGER NOT NULL DEFAULT 0;
CREATE TABLE sekisho_part(data_file_id INTEGER NOT NULL, kind TEXT NOT NULL, bytes INTEGER NOT NULL, sums BLOB NOT NULL, PRIMARY KEY(data_file_id, kind)) WITHOUT ROWID;
CREATE TABLE sekisho_checkpoint(source TEXT PRIMARY KEY, position TEXT NOT NULL, watermark_us INTEGER, updated_us INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE sekisho_rearranged(snapshot_id INTEGER PRIMARY KEY, generation INTEGER NOT NULL);
CREATE TABLE sekisho_inlined(table_id INTEGER PRIMARY KEY, rows INTEGER NOT NULL, bytes INTEGER NOT NULL);
CREATE TABLE sekisho_flushed(table_name TEXT PRIMARY KEY, table_id INTEGER NOT NULL, snapshot INTEGER NOT NULL, flushed_us INTEGER NOT NULL, is_dropped INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE sekisho_retention(id INTEGER PRIMARY KEY, pattern TEXT NOT NULL, kind TEXT NOT NULL, days INTEGER, reason TEXT NOT NULL, set_by TEXT NOT NULL, set_us INTEGER NOT NULL);
CREATE TABLE sekisho_hold(id INTEGER PRIMARY KEY, name TEXT NOT NULL, reason TEXT NOT NULL, tables TEXT NOT NULL, orgs TEXT NOT NULL, from_us INTEGER, to_us INTEGER, placed_by TEXT NOT NULL, placed_us INTEGER NOT NULL);
CREATE TABLE sekisho_hold_release(hold_id INTEGER PRIMARY KEY, reason TEXT NOT NULL, released_by TEXT NOT NULL, released_us INTEGER NOT NULL);
CREATE TABLE sekisho_deletion(id INTEGER PRIMARY KEY, table_name TEXT NOT NULL, rows INTEGER NOT NULL, time_min INTEGER, time_max INTEGER, cause TEXT NOT NULL, deleted_us INTEGER NOT NULL);
ALTER TABLE sekisho_file ADD COLUMN part TEXT NOT NULL DEFAULT '';
ALTER TABLE sekisho_file ADD COLUMN seq INTEGER NOT NULL DEFAULT 0;
CREATE INDEX sekisho_file_name ON sekisho_file(name, seq);
CREATE INDEX sekisho_file_seq ON sekisho_file(seq);
CREATE TABLE sekisho_content(sha256 TEXT NOT NULL, part TEXT NOT NULL, reading TEXT NOT NULL, key TEXT NOT NULL, bytes INTEGER NOT NULL, rows INTEGER NOT NULL, is_whole INTEGER NOT NULL, is_compared INTEGER NOT NULL, loaded_us INTEGER NOT NULL, PRIMARY KEY(sha256, part, reading)) WITHOUT ROWID;
CREATE INDEX sekisho_content_bytes ON sekisho_content(bytes);
CREATE INDEX sekisho_content_new ON sekisho_content(sha256) WHERE is_compared = 0;
CREATE TABLE sekisho_reach(sha256 TEXT NOT NULL, part TEXT NOT NULL, said_by TEXT NOT NULL, kind TEXT NOT NULL, from_us INTEGER NOT NULL, PRIMARY KEY(sha256, part, said_by, kind, from_us)) WITHOUT ROWID;
CREATE INDEX sekisho_reach_from ON sekisho_reach(from_us);
CREATE TABLE sekisho_cover(sha256 TEXT NOT NULL, part TEXT NOT NULL, table_name TEXT NOT NULL, org TEXT NOT NULL, row_count INTEGER NOT NULL, time_min INTEGER, time_max INTEGER, undated INTEGER NOT NULL, PRIMARY KEY(sha256, part, table_name, org)) WITHOUT ROWID;
CREATE TABLE sekisho_reconciliation(table_name TEXT NOT NULL, org TEXT NOT NULL, day_us INTEGER NOT NULL, hourly INTEGER NOT NULL, daily INTEGER NOT NULL, in_both INTEGER NOT NULL, only_hourly INTEGER NOT NULL, only_daily INTEGER NOT NULL, hours_missing INTEGER NOT NULL, hourly_files INTEGER NOT NULL, daily_files INTEGER NOT NULL, made_us INTEGER NOT NULL, superseded_us INTEGER);
CREATE INDEX sekisho_reconciliation_day ON sekisho_reconciliation(table_name, org, day_us);
CREATE TABLE sekisho_difference(table_name TEXT NOT NULL, org TEXT NOT NULL, day_us INTEGER NOT NULL, uid TEXT NOT NULL, side TEXT NOT NULL, file TEXT NOT NULL, line INTEGER NOT NULL, PRIMARY KEY(table_name, org, day_us, uid)) WITHOUT ROWID;
";
