package io.openclaw.tls;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One place's certificates while the program runs: the last good set of its files. A set is taken
 * whole, for all handshakes that begin from then on, or not at all.
 *
 * <p>A set that does not fit together is looked at again: files are written one after another, so
 * it is refused only when it is found the same a second time. Thread-safe.
 */
public final class Certificates {
  /** A warning is due from this part of a certificate's lifetime on: a fifth is left. */
  private static final double OLD = 0.8;

  private static final long WARN_MILLIS = 24 * 3_600_000L;

  /** Files are read, though nothing tells that they changed, after so many looks. */
  private static final int READ_EVERY_LOOKS = 10;

  /** Who is connected is to be looked at again after so many looks: each minute. */
  private static final int MINUTE_LOOKS = 60;

  /** Earlier sets that a handshake which began with them may still ask for. */
  private static final int SETS_KEPT = 4;

  private static final System.Logger LOG = System.getLogger("io.openclaw.tls");

  private final CertificateFiles files;
  private final TlsEvents events;
  private final LongSupplier wallMillis;
  private final List<Runnable> whenChanged = new CopyOnWriteArrayList<>();
  private final List<Runnable> eachMinute = new CopyOnWriteArrayList<>();
  private volatile Map<Integer, CertificateSet> kept;
  private String stamp;
  private String suspect = "";
  private String refused = "";
  private int looks;
  private long warnedMillis;

  private Certificates(
      CertificateFiles files,
      CertificateSet first,
      String stamp,
      TlsEvents events,
      LongSupplier wallMillis) {
    this.files = files;
    this.stamp = stamp;
    this.events = events;
    this.wallMillis = wallMillis;
    kept = Map.of(0, first);
    warnedMillis = wallMillis.getAsLong() - WARN_MILLIS;
    warnIfOld();
  }

  /**
   * Reads the files.
   *
   * @param wallMillis milliseconds since the Unix epoch
   * @throws IOException where they are not there or do not fit together, naming the file
   */
  public static Certificates open(CertificateFiles files, TlsEvents events, LongSupplier wallMillis)
      throws IOException {
    String stamp = files.stamp();
    CertificateSet first = files.parse(files.read(), wallMillis.getAsLong());
    return new Certificates(files, first, stamp, events, wallMillis);
  }

  /** Whose they are. */
  public String place() {
    return files.place();
  }

  /** Whether others' certificates are asked for. */
  public boolean hasTrust() {
    return files.ca() != null;
  }

  /** Runs {@code action} after each change, on the thread that looks. */
  public void onChange(Runnable action) {
    whenChanged.add(action);
  }

  /**
   * Runs {@code action} each minute, on the thread that looks: what others showed ends without a
   * change here.
   */
  public void onMinute(Runnable action) {
    eachMinute.add(action);
  }

  CertificateSet current() {
    Map<Integer, CertificateSet> all = kept;
    CertificateSet set = all.get(newest(all));
    if (set == null) {
      throw new IllegalStateException("no set of certificates");
    }
    return set;
  }

  private static int newest(Map<Integer, CertificateSet> all) {
    return all.keySet().stream().mapToInt(Integer::intValue).max().orElse(0);
  }

  int generation() {
    return newest(kept);
  }

  @Nullable CertificateSet generation(int number) {
    return kept.get(number);
  }

  /** Counts somebody who was refused here, and tells of it. */
  public void refused(Refusal refusal, String detail) {
    events.refused(files.place(), refusal, detail);
  }

  TlsEvents events() {
    return events;
  }

  long now() {
    return wallMillis.getAsLong();
  }

  /** When the certificates that are used now end, in seconds of Unix time, by file. */
  public Map<Path, Long> notAfterSeconds() {
    Map<Path, Long> ends = new LinkedHashMap<>();
    CertificateSet set = current();
    if (set.identity() != null && files.identity() != null) {
      ends.put(files.identity().cert(), end(set.identity().chain()));
    }
    for (int i = 0; i < set.others().size(); i++) {
      ends.put(files.others().get(i).pair().cert(), end(set.others().get(i).chain()));
    }
    if (set.trust() != null && files.ca() != null) {
      ends.put(files.ca(), end(set.trust().authorities()));
    }
    return ends;
  }

  private static long end(List<X509Certificate> all) {
    return all.stream()
        .mapToLong(c -> c.getNotAfter().toInstant().getEpochSecond())
        .min()
        .orElse(0);
  }

  /** The serial number, in hex, of the certificate that is shown; empty where none is. */
  public String serial() {
    CertificateSet.Identity shown = current().identity();
    return shown == null ? "" : shown.leaf().getSerialNumber().toString(16);
  }

  /**
   * Looks whether the files have changed, and takes them if they fit together. To be called each
   * second.
   *
   * @return true where a new set is in force
   */
  public boolean look() {
    boolean taken;
    boolean minute;
    synchronized (this) {
      taken = lookAtFiles();
      warnIfOld();
      minute = looks % MINUTE_LOOKS == 0;
    }
    if (taken) {
      tell(whenChanged, "after new certificates");
    }
    if (minute) {
      tell(eachMinute, "looking at who is connected");
    }
    return taken;
  }

  private void tell(List<Runnable> listeners, String when) {
    for (Runnable listener : listeners) {
      try {
        listener.run();
      } catch (RuntimeException e) {
        LOG.log(Level.WARNING, files.place() + ": " + when, e);
      }
    }
  }

  private boolean lookAtFiles() {
    String seen = files.stamp();
    looks++;
    if (seen.equals(stamp) && suspect.isEmpty() && looks % READ_EVERY_LOOKS != 0) {
      return false;
    }
    String digest = "";
    try {
      Map<Path, byte[]> texts = files.read();
      digest = CertificateFiles.digest(texts);
      if (digest.equals(current().digest())) {
        stamp = seen;
        suspect = "";
        refused = "";
        return false;
      }
      take(files.parse(texts, wallMillis.getAsLong()));
      stamp = seen;
      suspect = "";
      refused = "";
      return true;
    } catch (IOException e) {
      wrong(seen, digest, String.valueOf(e.getMessage()));
      return false;
    }
  }

  private void wrong(String seen, String digest, String why) {
    String state = seen + digest;
    if (!state.equals(suspect)) {
      suspect = state;
      return;
    }
    stamp = seen;
    suspect = "";
    String found = digest.isEmpty() ? state : digest;
    if (!found.equals(refused)) {
      refused = found;
      events.reloaded(files.place(), false);
      LOG.log(
          Level.WARNING,
          () ->
              files.place() + ": the changed files are not taken, the last good ones stay: " + why);
    }
  }

  private void take(CertificateSet set) {
    int next = newest(kept) + 1;
    Map<Integer, CertificateSet> all = new LinkedHashMap<>();
    kept.forEach(
        (number, each) -> {
          if (number > next - SETS_KEPT) {
            all.put(number, each);
          }
        });
    all.put(next, set);
    kept = Map.copyOf(all);
    warnedMillis = wallMillis.getAsLong() - WARN_MILLIS;
    events.reloaded(files.place(), true);
    LOG.log(Level.INFO, () -> files.place() + ": new certificates are in force, " + shown(set));
  }

  private static String shown(CertificateSet set) {
    List<String> parts = new ArrayList<>();
    if (set.identity() != null) {
      X509Certificate leaf = set.identity().leaf();
      parts.add(Trust.describe(leaf) + " until " + leaf.getNotAfter().toInstant());
    }
    if (set.trust() != null) {
      parts.add(set.trust().authorities().size() + " authorities");
    }
    return String.join(", ", parts);
  }

  private void warnIfOld() {
    long now = wallMillis.getAsLong();
    if (now - warnedMillis < WARN_MILLIS) {
      return;
    }
    CertificateSet set = current();
    List<X509Certificate> all = new ArrayList<>();
    if (set.identity() != null) {
      all.add(set.identity().leaf());
    }
    set.others().forEach(other -> all.add(other.leaf()));
    if (set.trust() != null && set.trust().authorities().size() == 1) {
      all.addAll(set.trust().authorities()); // of several, the old one is about to go
    }
    for (X509Certificate each : all) {
      long begin = each.getNotBefore().toInstant().toEpochMilli();
      long end = each.getNotAfter().toInstant().toEpochMilli();
      if (now - begin >= OLD * (double) (end - begin)) {
        warnedMillis = now;
        LOG.log(
            Level.WARNING,
            () ->
                files.place()
                    + ": "
                    + Trust.describe(each)
                    + (now > end ? " ended at " : " ends at ")
                    + Instant.ofEpochMilli(end)
                    + " (expected: replaced by now)");
      }
    }
  }
}
