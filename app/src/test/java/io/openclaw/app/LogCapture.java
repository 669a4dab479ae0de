package io.openclaw.app;

import io.openclaw.domain.KeyText;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/** Everything this process logs while it is open, as {@link JsonLog} writes it. */
final class LogCapture implements AutoCloseable {
  /** So many characters of a secret in a row are too many. */
  private static final int SECRET_PART_LENGTH = 12;

  private final Formatter formatter;
  private final List<String> lines = new ArrayList<>();

  private LogCapture(Formatter formatter) {
    this.formatter = formatter;
    Handler handler =
        new Handler() {
          @Override
          public void publish(LogRecord entry) {
            synchronized (lines) {
              lines.add(LogCapture.this.formatter.format(entry));
            }
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    Logger root = Logger.getLogger("");
    for (Handler other : root.getHandlers()) {
      root.removeHandler(other);
    }
    root.addHandler(handler);
  }

  /** As a node logs. */
  static LogCapture asANodeLogs() {
    JsonLog.install("test");
    return new LogCapture(Logger.getLogger("").getHandlers()[0].getFormatter());
  }

  /** As a node would log that cut no key out of its messages. */
  static LogCapture unredacted() {
    JsonLog.install("test");
    return new LogCapture(new SimpleFormatter());
  }

  String text() {
    synchronized (lines) {
      return String.join("", lines);
    }
  }

  int size() {
    synchronized (lines) {
      return lines.size();
    }
  }

  /** The ids of the keys of whose secrets a part stands in the text. */
  static Collection<String> leaksIn(String text, Collection<KeyText> keys) {
    Collection<String> leaks = new TreeSet<>();
    for (KeyText key : keys) {
      String secret = key.reveal().substring(KeyText.PREFIX.length() + key.id().length() + 1);
      for (int i = 0; i + SECRET_PART_LENGTH <= secret.length(); i++) {
        if (text.contains(secret.substring(i, i + SECRET_PART_LENGTH))) {
          leaks.add(key.id());
        }
      }
    }
    return leaks;
  }

  @Override
  public void close() {
    LogManager.getLogManager().reset();
  }
}
