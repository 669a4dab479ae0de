package io.openclaw.tls;

import java.util.List;

/** Looks at the files of all certificates each second, on a thread of its own. Thread-safe. */
public final class CertificateWatch implements AutoCloseable {
  private static final long LOOK_MILLIS = 1_000;
  private static final System.Logger LOG = System.getLogger("io.openclaw.tls");

  private final List<Certificates> watched;
  private final Thread thread;

  private CertificateWatch(List<Certificates> all) {
    watched = List.copyOf(all);
    thread = Thread.ofPlatform().daemon().name("certificates").unstarted(this::run);
  }

  /** Starts to look. */
  public static CertificateWatch start(List<Certificates> all) {
    CertificateWatch watch = new CertificateWatch(all);
    watch.thread.start();
    return watch;
  }

  private void run() {
    try {
      while (true) {
        Thread.sleep(LOOK_MILLIS);
        for (Certificates each : watched) {
          lookAt(each);
        }
      }
    } catch (InterruptedException e) {
      // closed
    }
  }

  private static void lookAt(Certificates each) {
    try {
      each.look();
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.ERROR, each.place() + ": the files cannot be looked at", e);
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
