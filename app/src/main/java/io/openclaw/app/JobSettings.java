package io.openclaw.app;

/**
 * The bounds of jobs.
 *
 * @param rowsMax inputs of one job
 * @param itemBytesMax bytes of one input
 * @param bytesMax bytes of one job's body
 * @param totalBytesMax bytes of all jobs on disk, their results too
 * @param tenantMax jobs of one tenant that are kept, in whatever state
 * @param runningMax jobs that run at once, at most one of each tenant
 * @param keepMillis how long a job that has ended is kept
 * @param reserveBytes what jobs leave free of the disk
 */
record JobSettings(
    long rowsMax,
    int itemBytesMax,
    long bytesMax,
    long totalBytesMax,
    int tenantMax,
    int runningMax,
    long keepMillis,
    long reserveBytes) {
  private static final long HOUR_MILLIS = 3_600_000;

  static JobSettings of(NodeConfig config) {
    return new JobSettings(
        config.longNumber(Setting.JOBS_ROWS_MAX),
        config.number(Setting.BATCH_ITEM_BYTES_MAX),
        config.longNumber(Setting.JOBS_BYTES_MAX),
        config.longNumber(Setting.JOBS_TOTAL_BYTES_MAX),
        config.number(Setting.JOBS_TENANT_MAX),
        config.number(Setting.JOBS_RUNNING_MAX),
        config.longNumber(Setting.JOBS_KEEP_HOURS) * HOUR_MILLIS,
        config.longNumber(Setting.JOBS_RESERVE_BYTES));
  }
}
