package io.openclaw.app;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** What was fetched of releases since the start, in bytes on the wire and in blobs. Thread-safe. */
final class ReleaseFetches {
  /** Who gave it. */
  enum From {
    /** Another region. */
    PEER,
    /** The read-only location. */
    LOCATION;

    /** Its name in metrics. */
    String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** How it came. */
  enum Form {
    /** As it is. */
    WHOLE,
    /** Compressed. */
    PACKED,
    /** As a patch against what was here. */
    DELTA;

    /** Its name in metrics and answers. */
    String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Counts of one source and form. */
  record Counts(LongAdder blobs, LongAdder bytes) {}

  private final Map<From, Map<Form, Counts>> counts = new EnumMap<>(From.class);

  ReleaseFetches() {
    for (From from : From.values()) {
      Map<Form, Counts> forms = new EnumMap<>(Form.class);
      for (Form form : Form.values()) {
        if (from == From.PEER || form == Form.WHOLE) {
          forms.put(form, new Counts(new LongAdder(), new LongAdder()));
        }
      }
      counts.put(from, forms);
    }
  }

  void count(From from, Form form, long bytes) {
    Counts each = of(from, form);
    each.blobs().increment();
    each.bytes().add(bytes);
  }

  Counts of(From from, Form form) {
    Counts found = counts.getOrDefault(from, Map.of()).get(form);
    if (found == null) {
      throw new IllegalArgumentException(form + " does not come from " + from);
    }
    return found;
  }

  static void register(NodeMetrics metrics, String region, ReleaseFetches fetches) {
    metrics.counter(
        "openclaw_release_fetched_bytes_total",
        "Bytes on the wire of blobs of releases that were fetched, by who gave them and in which form.",
        c ->
            fetches.counts.forEach(
                (from, forms) ->
                    forms.forEach(
                        (form, each) ->
                            c.call((double) each.bytes().sum(), region, from.text(), form.text()))),
        "region",
        "source",
        "form");
    metrics.counter(
        "openclaw_release_fetched_blobs_total",
        "Blobs of releases that were fetched, by who gave them and in which form.",
        c ->
            fetches.counts.forEach(
                (from, forms) ->
                    forms.forEach(
                        (form, each) ->
                            c.call((double) each.blobs().sum(), region, from.text(), form.text()))),
        "region",
        "source",
        "form");
  }
}
