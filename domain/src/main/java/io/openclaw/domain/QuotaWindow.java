package io.openclaw.domain;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.concurrent.TimeUnit;

/**
 * One UTC day or month; what is spent is booked on it by name.
 *
 * @param per its length
 * @param index days since 1970-01-01, or months since January of the year 0; later ones are greater
 */
public record QuotaWindow(QuotaSpec.Per per, long index) {
  private static final int MONTHS = 12;

  /** The window that a wall clock is in; one before 1970 is in the first. */
  public static QuotaWindow of(QuotaSpec.Per per, long wallMillis) {
    LocalDate date =
        LocalDate.ofEpochDay(Math.max(0, Math.floorDiv(wallMillis, TimeUnit.DAYS.toMillis(1))));
    return of(per, date);
  }

  private static QuotaWindow of(QuotaSpec.Per per, LocalDate date) {
    return new QuotaWindow(
        per,
        switch (per) {
          case DAY -> date.toEpochDay();
          case MONTH -> 1L * MONTHS * date.getYear() + date.getMonthValue() - 1;
        });
  }

  /**
   * The window of that name.
   *
   * @throws IllegalArgumentException where it is no such name
   */
  public static QuotaWindow parse(String name) {
    try {
      QuotaWindow window =
          name.length() == "2026-11".length()
              ? of(QuotaSpec.Per.MONTH, YearMonth.parse(name).atDay(1))
              : of(QuotaSpec.Per.DAY, LocalDate.parse(name));
      if (window.startMillis() >= 0 && window.name().equals(name)) {
        return window;
      }
    } catch (DateTimeException e) {
      // complained about below
    }
    throw new IllegalArgumentException(
        "window: " + name + " (expected: like 2026-11-30 or 2026-11, since 1970)");
  }

  /** Its name: {@code 2026-11-30}, or {@code 2026-11}. */
  public String name() {
    return switch (per) {
      case DAY -> first().toString();
      case MONTH -> YearMonth.from(first()).toString();
    };
  }

  /** When it begins, in milliseconds since the Unix epoch. */
  public long startMillis() {
    return first().atStartOfDay(ZoneOffset.UTC).toInstant().toEpochMilli();
  }

  /** When the next one begins, in milliseconds since the Unix epoch. */
  public long endMillis() {
    return next().startMillis();
  }

  /** The window after this one. */
  public QuotaWindow next() {
    return new QuotaWindow(per, index + 1);
  }

  private LocalDate first() {
    return switch (per) {
      case DAY -> LocalDate.ofEpochDay(index);
      case MONTH ->
          LocalDate.of((int) Math.floorDiv(index, MONTHS), Math.floorMod(index, MONTHS) + 1, 1);
    };
  }
}
