package io.openclaw.net;

import io.openclaw.domain.Problem;
import io.openclaw.domain.ProblemType;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.http.HttpHeaders;
import java.lang.System.Logger.Level;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The metrics page as ports show it: rendered and packed by a worker, one page at a time, and kept
 * for a second. Anybody may ask for it, and of many tenants it has many megabytes, which no event
 * loop has the time for. Thread-safe.
 */
public final class MetricsCache {
  private static final System.Logger LOG = System.getLogger("io.openclaw.net");
  private static final long KEEP_MILLIS = 1_000;

  private record Form(String type, boolean packed) {}

  private final Vertx vertx;
  private final MetricsPage page;
  private final WorkerExecutor worker;
  private final Map<Form, byte[]> kept = new ConcurrentHashMap<>();

  /** Shows {@code page}; one of these for all ports of a process. */
  public MetricsCache(Vertx vertx, MetricsPage page) {
    this.vertx = vertx;
    this.page = page;
    this.worker = vertx.createSharedWorkerExecutor("metrics", 1);
  }

  /** Answers with the page; on the exchange's event loop. */
  void show(Exchange exchange) {
    String type = page.type(exchange.header(HttpHeaders.ACCEPT));
    Form form = new Form(type, exchange.takesGzip());
    byte[] now = kept.get(form);
    if (now != null) {
      exchange.answerKept(200, type, now);
      return;
    }
    worker
        .executeBlocking(() -> rendered(form), false)
        .onSuccess(bytes -> exchange.answerKept(200, type, bytes))
        .onFailure(
            failure -> {
              LOG.log(Level.ERROR, "the metrics could not be rendered", failure);
              exchange.refuse(
                  Problem.of(ProblemType.INTERNAL, "the metrics could not be rendered"));
            });
  }

  private byte[] rendered(Form form) {
    byte[] known = kept.get(form);
    if (known != null) {
      return known; // somebody asked before, and this one has waited for that
    }
    byte[] text = page.render(form.type());
    byte[] bytes = form.packed() ? Gzip.pack(text) : text;
    kept.put(form, bytes);
    vertx.setTimer(KEEP_MILLIS, fired -> kept.remove(form));
    return bytes;
  }
}
