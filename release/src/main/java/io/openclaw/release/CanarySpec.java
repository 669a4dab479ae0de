package io.openclaw.release;

import io.openclaw.domain.Decimal;
import java.util.ArrayList;
import java.util.List;

/**
 * A canary: a part of one tenant's requests to one model is rated by another version of it.
 *
 * @param tenant whose requests
 * @param model the model's name
 * @param stable the version that rates the rest
 * @param canary the version that is tried; another than {@code stable}
 * @param traffic how much the canary rates, or that it only shadows
 * @param sticky what stays with its version
 * @param salt 64 random bits of this canary alone, so that no two canaries choose alike
 * @param bins how ratings and reasons are counted, the same in all regions
 * @param thresholds when it is rolled back or promoted
 */
public record CanarySpec(
    String tenant,
    String model,
    String stable,
    String canary,
    Traffic traffic,
    Sticky sticky,
    long salt,
    CanaryBins bins,
    CanaryThresholds thresholds) {
  /** All of the requests, in hundredths of a percent. */
  public static final int BASIS_POINTS_ALL = 10_000;

  /** Characters of a name or version. */
  public static final int NAME_LENGTH_MAX = 128;

  public CanarySpec {
    requireName("tenant", tenant);
    requireName("model", model);
    requireName("stable", stable);
    requireName("canary", canary);
    if (stable.equals(canary)) {
      throw new IllegalArgumentException(
          "canary: \"" + canary + "\" (expected: another version than the stable one)");
    }
  }

  private static void requireName(String what, String name) {
    if (name.isBlank() || name.length() > NAME_LENGTH_MAX) {
      String shown = name.length() > 32 ? name.length() + " characters" : "\"" + name + "\"";
      throw new IllegalArgumentException(
          what + ": " + shown + " (expected: a name of 1 to " + NAME_LENGTH_MAX + " characters)");
    }
  }

  /** This canary with another share of the requests. */
  public CanarySpec with(Traffic other) {
    return new CanarySpec(tenant, model, stable, canary, other, sticky, salt, bins, thresholds);
  }

  /** How much of the traffic the canary rates. */
  public sealed interface Traffic {
    /** What {@link #parse} reads. */
    String text();

    /**
     * The canary answers a part of the requests.
     *
     * @param basisPoints 0 to 10,000, of 10,000
     */
    record Weight(int basisPoints) implements Traffic {
      public Weight {
        if (basisPoints < 0 || basisPoints > BASIS_POINTS_ALL) {
          throw new IllegalArgumentException(
              "basisPoints: " + basisPoints + " (expected: 0 to " + BASIS_POINTS_ALL + ")");
        }
      }

      @Override
      public String text() {
        return new Decimal(basisPoints, 2).toString();
      }
    }

    /** The canary rates every request, too, and answers none. */
    record Shadow() implements Traffic {
      @Override
      public String text() {
        return "shadow";
      }
    }

    /**
     * What {@code shadow} or a weight in percent, such as {@code 5} or {@code 0.25}, says.
     *
     * @throws IllegalArgumentException where it is neither
     */
    static Traffic parse(String text) {
      if (text.equals("shadow")) {
        return new Shadow();
      }
      if (text.matches("[0-9]{1,3}(\\.[0-9]{1,9})?")) {
        Decimal percent = Decimal.of(text);
        if (percent.scale() <= 2 && percent.compareTo(new Decimal(100, 0)) <= 0) {
          long factor = percent.scale() == 0 ? 100 : percent.scale() == 1 ? 10 : 1;
          return new Weight((int) (percent.unscaled() * factor));
        }
      }
      throw new IllegalArgumentException(
          "weight: "
              + (text.length() > 32 ? text.substring(0, 32) + "…" : text)
              + " (expected: 0 to 100, at most two digits after the point, or shadow)");
    }
  }

  /** What a request has in common with others that must be rated by the same version. */
  public sealed interface Sticky {
    /** What {@link #parse} reads. */
    String text();

    /** The API key. */
    record Key() implements Sticky {
      @Override
      public String text() {
        return "key";
      }
    }

    /**
     * A value in the input, by a JSON Pointer (RFC 6901): a string, a number or a boolean of at
     * most {@link #VALUE_LENGTH_MAX} characters. An input without one is treated by its API key.
     *
     * @param tokens the pointer's reference tokens, unescaped
     */
    record Pointer(List<String> tokens) implements Sticky {
      /** Characters of a pointer. */
      public static final int LENGTH_MAX = 256;

      /** Levels that a pointer goes down. */
      public static final int TOKENS_MAX = 16;

      /** Characters of the value pointed to; a longer one counts as missing. */
      public static final int VALUE_LENGTH_MAX = 1024;

      public Pointer {
        tokens = List.copyOf(tokens);
        if (tokens.isEmpty() || tokens.size() > TOKENS_MAX) {
          throw new IllegalArgumentException(
              "sticky: " + tokens.size() + " levels (expected: 1 to " + TOKENS_MAX + ")");
        }
      }

      @Override
      public String text() {
        StringBuilder text = new StringBuilder();
        tokens.forEach(t -> text.append('/').append(t.replace("~", "~0").replace("/", "~1")));
        return text.toString();
      }
    }

    /**
     * What {@code key} or a JSON Pointer, such as {@code /customer/id}, says.
     *
     * @throws IllegalArgumentException where it is neither
     */
    static Sticky parse(String text) {
      if (text.equals("key")) {
        return new Key();
      }
      if (text.length() > Pointer.LENGTH_MAX) {
        throw new IllegalArgumentException(
            "sticky: "
                + text.length()
                + " characters (expected: at most "
                + Pointer.LENGTH_MAX
                + ")");
      }
      if (!text.matches("(/([^/~]|~[01])*)+")) {
        throw new IllegalArgumentException(
            "sticky: \"" + text + "\" (expected: key, or a JSON Pointer such as /customer/id)");
      }
      List<String> tokens = new ArrayList<>();
      for (int at = 0; at >= 0; ) {
        int end = text.indexOf('/', at + 1);
        String token = end < 0 ? text.substring(at + 1) : text.substring(at + 1, end);
        tokens.add(token.replace("~1", "/").replace("~0", "~"));
        at = end;
      }
      return new Pointer(tokens);
    }
  }
}
