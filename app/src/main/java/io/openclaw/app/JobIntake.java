package io.openclaw.app;

import io.openclaw.domain.Problem;
import io.openclaw.domain.ProblemType;
import io.openclaw.domain.Violation;
import io.openclaw.edge.ItemSplitter;
import io.openclaw.net.JobService;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.List;

/**
 * A job whose body is on its way: its inputs go to the file {@code input} of a folder that is no
 * job's yet. Used by one thread at a time.
 */
final class JobIntake implements JobService.Intake {
  private static final System.Logger LOG = System.getLogger("io.openclaw.app");

  private final Jobs jobs;
  private final JobService.Order order;
  private final String id;
  private final Path folder;
  private final JobSettings settings;
  private final ItemSplitter splitter;
  private final JobInput.Writer input;
  private long bytes;
  private long rows;
  private boolean over;

  JobIntake(Jobs jobs, JobService.Order order, String id, Path folder, JobSettings settings)
      throws IOException {
    this.jobs = jobs;
    this.order = order;
    this.id = id;
    this.folder = folder;
    this.settings = settings;
    this.splitter = new ItemSplitter(order.format(), settings.itemBytesMax());
    this.input = new JobInput.Writer(folder.resolve("input"), settings.itemBytesMax());
  }

  @Override
  public synchronized void write(byte[] part) throws JobService.Refusal {
    if (over) {
      return;
    }
    if (bytes + part.length > settings.bytesMax()) {
      throw tooLarge("the job is over " + settings.bytesMax() + " bytes");
    }
    bytes += part.length;
    jobs.arrives(part.length);
    splitter.feed(part);
    takeItems();
  }

  private void takeItems() throws JobService.Refusal {
    try {
      for (ItemSplitter.Item item = splitter.next(); item != null; item = splitter.next()) {
        if (++rows > settings.rowsMax()) {
          throw tooLarge("the job has over " + settings.rowsMax() + " rows");
        }
        input.add(item);
      }
    } catch (IOException e) {
      throw Jobs.notOnDisk(e);
    }
    String fault = splitter.fault();
    if (fault != null) {
      throw new JobService.Refusal(Problem.of(ProblemType.NOT_JSON, fault));
    }
  }

  private static JobService.Refusal tooLarge(String detail) {
    return new JobService.Refusal(Problem.of(ProblemType.BODY_TOO_LARGE, detail));
  }

  @Override
  public synchronized JobService.Taken commit() throws JobService.Refusal {
    splitter.finish();
    takeItems();
    if (rows == 0) {
      throw new JobService.Refusal(
          Problem.of(
              ProblemType.INVALID_INPUT,
              "the job has no rows",
              List.of(new Violation("", "0 rows (expected: at least 1)"))));
    }
    try {
      input.finish();
      input.close();
      JobService.Taken taken =
          jobs.commit(
              folder,
              new JobOrder(
                  id, order.caller(), rows, input.bytes(), jobs.wallMillis(), order.webhook()),
              bytes);
      over = true;
      return taken;
    } catch (IOException e) {
      throw Jobs.notOnDisk(e);
    }
  }

  @Override
  public synchronized void abandon() {
    if (over) {
      return;
    }
    over = true;
    try {
      input.close();
      Job.remove(folder);
    } catch (IOException e) {
      LOG.log(Level.WARNING, () -> folder + " could not be removed: " + e.getMessage());
    }
    jobs.released(order.caller().tenant(), id, bytes);
  }
}
