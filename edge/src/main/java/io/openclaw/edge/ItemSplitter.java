package io.openclaw.edge;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Splits a stream of bytes into inputs: the lines of NDJSON, or the elements of one JSON array.
 *
 * <p>It looks for where an input ends and not at what it is: what is no JSON is an input of its own
 * that will be refused, and the next one is not touched. Blank lines are none. In an array an
 * element ends at the comma or bracket outside of strings and of brackets inside it. Holds one part
 * of the stream and at most one input. Not thread-safe.
 */
public final class ItemSplitter {
  /** How inputs are written one after another. */
  public enum Format {
    LINES,
    ARRAY
  }

  /**
   * One input.
   *
   * @param bytes as they came, without white space around them; empty where it is too large
   * @param tooLarge whether it is over the cap, and was let go
   */
  @SuppressWarnings("ArrayRecordComponent") // handed over, never changed
  public record Item(byte[] bytes, boolean tooLarge) {}

  private enum Place {
    BEFORE_ARRAY,
    ELEMENT,
    AFTER_ARRAY,
    LINE
  }

  private static final byte[] NOTHING = {};

  /** White space after an input that is kept with it until its end is seen. */
  private static final int SPACE_AFTER_MAX = 1024;

  private final int itemBytesMax;
  private Place place;
  private byte[] part = NOTHING;
  private int at;
  private boolean finished;
  private byte[] item = NOTHING; // what earlier parts held of the input under way
  private int held;
  private boolean tooLarge;
  private int depth;
  private boolean inString;
  private boolean escaped;
  private boolean first = true;
  private @Nullable String fault;

  /**
   * A splitter at the begin of a stream.
   *
   * @param itemBytesMax bytes of one input, without the white space around it
   */
  public ItemSplitter(Format format, int itemBytesMax) {
    this.itemBytesMax = itemBytesMax;
    place =
        switch (format) {
          case LINES -> Place.LINE;
          case ARRAY -> Place.BEFORE_ARRAY;
        };
  }

  /** Takes the stream's next part, which is kept; the one before must have been used up. */
  public void feed(byte[] next) {
    if (at < part.length) {
      throw new IllegalStateException((part.length - at) + " bytes are left (expected: none)");
    }
    part = next;
    at = 0;
  }

  /** No more parts will come. */
  public void finish() {
    finished = true;
  }

  /** Whether the stream has ended and every input was taken. */
  public boolean isEnd() {
    return finished && at == part.length && held == 0 && !tooLarge;
  }

  /** What is wrong with the stream as a whole, where nothing more can be read of it. */
  public @Nullable String fault() {
    return fault;
  }

  /** The next input; null where more parts are needed, or the stream has ended or is faulty. */
  public @Nullable Item next() {
    while (fault == null && at < part.length) {
      switch (place) {
        case LINE -> {
          Item line = line();
          if (line != null) {
            return line;
          }
        }
        case ELEMENT -> {
          Item element = element();
          if (element != null) {
            return element;
          }
        }
        case BEFORE_ARRAY -> begin();
        case AFTER_ARRAY -> after();
      }
    }
    return finished && fault == null ? atEnd() : null;
  }

  private void begin() {
    byte b = part[at++];
    if (b == '[') {
      place = Place.ELEMENT;
    } else if (!isSpace(b)) {
      fault = "the body is no array of inputs (expected: [)";
    }
  }

  private void after() {
    if (!isSpace(part[at++])) {
      fault = "there is text after the array of inputs";
    }
  }

  private @Nullable Item line() {
    int from = at;
    while (at < part.length) {
      if (part[at++] == '\n') {
        Item line = taken(from, at - 1);
        if (line.tooLarge || line.bytes.length > 0) {
          return line;
        }
        from = at;
      }
    }
    hold(from, at);
    return null;
  }

  private @Nullable Item element() {
    int from = at;
    while (at < part.length) {
      byte b = part[at++];
      if (inString) {
        string(b);
      } else if (depth == 0 && (b == ',' || b == ']')) {
        boolean last = b == ']';
        place = last ? Place.AFTER_ARRAY : place;
        Item element = taken(from, at - 1);
        boolean none = last && first && element.bytes.length == 0 && !element.tooLarge;
        first = false;
        return none ? null : element;
      } else {
        switch (b) {
          case '"' -> inString = true;
          case '{', '[' -> depth++;
          case '}', ']' -> depth = Math.max(0, depth - 1);
          default -> {}
        }
      }
    }
    hold(from, at);
    return null;
  }

  private void string(byte b) {
    if (escaped) {
      escaped = false;
    } else if (b == '\\') {
      escaped = true;
    } else if (b == '"') {
      inString = false;
    }
  }

  /** What is left when no more comes: a line without its end, or an array that was not closed. */
  private @Nullable Item atEnd() {
    if (place == Place.LINE) {
      Item line = taken(0, 0);
      return line.tooLarge || line.bytes.length > 0 ? line : null;
    }
    if (place != Place.AFTER_ARRAY) {
      held = 0;
      tooLarge = false;
      fault = "the array of inputs ends too early (expected: ])";
    }
    return null;
  }

  /** The input whose last bytes are these of the part. */
  private Item taken(int from, int to) {
    if (held == 0 && !tooLarge) {
      return trimmed(part, from, to);
    }
    hold(from, to);
    Item whole = tooLarge ? new Item(NOTHING, true) : trimmed(item, 0, held);
    held = 0;
    tooLarge = false;
    return whole;
  }

  private Item trimmed(byte[] bytes, int from, int to) {
    int begin = from;
    int end = to;
    while (begin < end && isSpace(bytes[begin])) {
      begin++;
    }
    while (end > begin && isSpace(bytes[end - 1])) {
      end--;
    }
    return end - begin > itemBytesMax
        ? new Item(NOTHING, true)
        : new Item(Arrays.copyOfRange(bytes, begin, end), false);
  }

  /** Keeps what the part holds of an input that goes on; white space before it is let go. */
  private void hold(int from, int to) {
    int begin = from;
    while (held == 0 && begin < to && isSpace(part[begin])) {
      begin++;
    }
    int more = to - begin;
    if (tooLarge || more == 0) {
      return;
    }
    // White space after an input may come in a part of its own: it is not yet known to be that.
    if (held + more > itemBytesMax + SPACE_AFTER_MAX) {
      tooLarge = true;
      held = 0;
      return;
    }
    if (held + more > item.length) {
      item = Arrays.copyOf(item, Math.max(held + more, Math.min(2 * item.length, itemBytesMax)));
    }
    System.arraycopy(part, begin, item, held, more);
    held += more;
  }

  private static boolean isSpace(byte b) {
    return b == ' ' || b == '\t' || b == '\r' || b == '\n';
  }
}
