package io.openclaw.net;

import io.openclaw.domain.Problem;
import io.openclaw.edge.Bulk;
import io.openclaw.edge.ItemSplitter;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Jobs as the service port sees them: a port. Thread-safe; every method blocks, on disk or on a
 * name server, and is called on a worker thread.
 */
public interface JobService {
  /** What is not done, and why. */
  final class Refusal extends Exception {
    private static final long serialVersionUID = 1;
    private final transient Problem problem;

    public Refusal(Problem problem) {
      super(problem.detail());
      this.problem = problem;
    }

    /** As the client sees it. */
    public Problem problem() {
      return problem;
    }
  }

  /**
   * What a client wants rated.
   *
   * @param format how its inputs are written
   * @param declaredBytes of the body, 0 where it does not say
   * @param webhook where to tell of the job's end, null for nowhere
   */
  record Order(
      Bulk.Caller caller,
      ItemSplitter.Format format,
      long declaredBytes,
      @Nullable String webhook) {}

  /** A job whose body is on its way. */
  interface Intake {
    /** Keeps the body's next part. */
    void write(byte[] part) throws Refusal;

    /** The body is whole: the job as JSON; it is on disk when this returns. */
    Taken commit() throws Refusal;

    /** The body will not be whole: nothing of the job is kept. Does nothing after a commit. */
    void abandon();
  }

  /**
   * A job that was taken.
   *
   * @param document the job as JSON
   */
  @SuppressWarnings("ArrayRecordComponent") // handed over to the server
  record Taken(String id, byte[] document) {}

  /** Lines of results, from the first wanted to the last that is on disk. */
  interface Results extends AutoCloseable {
    /** The next bytes, at most about 256 KiB; none at the end. */
    byte[] read() throws IOException;

    @Override
    void close();
  }

  /** Begins to take a job. */
  Intake begin(Order order) throws Refusal;

  /** The caller's tenant's jobs as JSON, newest first. */
  byte[] list(Bulk.Caller caller);

  /** One job as JSON. */
  byte[] show(Bulk.Caller caller, String id) throws Refusal;

  /** Ends a job, or lets one go that has ended; the job as JSON. */
  byte[] cancel(Bulk.Caller caller, String id) throws Refusal;

  /** What is on disk of a job's results, from the row {@code from} on. */
  Results results(Bulk.Caller caller, String id, long from) throws Refusal;
}
