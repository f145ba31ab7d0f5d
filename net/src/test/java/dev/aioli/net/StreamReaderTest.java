package dev.aioli.net;

import static dev.aioli.Asyncio.*;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.Asyncio;
import dev.aioli.CancelledError;
import dev.aioli.EventLoop;
import dev.aioli.Task;
import java.io.IOException;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The corner cases of CPython's Lib/test/test_asyncio/test_streams.py, without a connection. */
@ExtendWith(NoLeak.class)
class StreamReaderTest {
  private static final Duration ZERO = Duration.ZERO;

  private interface Body {
    void run(Fed reader) throws Exception;
  }

  /** A reader that the test feeds, and what it asked of its transport. */
  private static final class Fed implements Pausable {
    final StreamReader reader;
    final List<String> asked = new ArrayList<>();

    Fed(int limit) {
      reader = new StreamReader(EventLoop.getRunningLoop(), limit);
      reader.setTransport(this);
    }

    void feed(String text) {
      byte[] bytes = text.getBytes(UTF_8);
      reader.feed(bytes, bytes.length);
    }

    void feedSoon(String text) {
      EventLoop.getRunningLoop().callSoon(() -> feed(text));
    }

    void eofSoon() {
      EventLoop.getRunningLoop().callSoon(reader::feedEof);
    }

    /** What is left, which ends the stream. */
    String rest() throws IOException {
      reader.feedEof();
      return text(reader.read());
    }

    @Override
    public void pauseReading() {
      asked.add("pause");
    }

    @Override
    public void resumeReading() {
      asked.add("resume");
    }
  }

  private static void with(int limit, Body body) {
    run(() -> {
      body.run(new Fed(limit));
    });
  }

  private static String text(byte[] bytes) {
    return new String(bytes, UTF_8);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  // ---- read

  @Test
  void readGivesWhatIsThereAndNoMore() {
    with(
        100,
        fed -> {
          fed.feed("abcdef");
          assertThat(text(fed.reader.read(4))).isEqualTo("abcd");
          assertThat(text(fed.reader.read(100))).isEqualTo("ef");
        });
  }

  @Test
  void readOfNothingDoesNotWait() {
    with(100, fed -> assertThat(fed.reader.read(0)).isEmpty());
  }

  @Test
  void readWaitsForTheFirstByte() {
    with(
        100,
        fed -> {
          fed.feedSoon("x");
          assertThat(text(fed.reader.read(100))).isEqualTo("x");
        });
  }

  @Test
  void readAtTheEndIsEmpty() {
    with(
        100,
        fed -> {
          fed.eofSoon();
          assertThat(fed.reader.read(100)).isEmpty();
          assertThat(fed.reader.atEof()).isTrue();
        });
  }

  @Test
  void readToTheEndTakesMoreThanTheLimit() {
    with(
        3,
        fed -> {
          for (int i = 0; i < 10; i++) {
            fed.feedSoon("0123456789");
          }
          fed.eofSoon();
          assertThat(text(fed.reader.read(-1))).isEqualTo("0123456789".repeat(10));
        });
  }

  @Test
  void atEofOnlyWhenAllIsRead() {
    with(
        100,
        fed -> {
          fed.feed("a");
          fed.reader.feedEof();
          assertThat(fed.reader.atEof()).isFalse();
          fed.reader.read(1);
          assertThat(fed.reader.atEof()).isTrue();
        });
  }

  // ---- readline

  @Test
  void readlinePutsChunksTogether() {
    with(
        100,
        fed -> {
          fed.feed("a ");
          fed.feedSoon("line\nan");
          assertThat(text(fed.reader.readline())).isEqualTo("a line\n");
          fed.feedSoon("other");
          fed.eofSoon();
          assertThat(text(fed.reader.readline())).isEqualTo("another");
          assertThat(fed.reader.readline()).isEmpty();
        });
  }

  @Test
  void aLineThatIsTooLongIsDroppedAndTheNextOneRead() {
    with(
        3,
        fed -> {
          fed.feed("line1\nab\n");
          assertThatThrownBy(fed.reader::readline)
              .isInstanceOfSatisfying(
                  LimitOverrunException.class, e -> assertThat(e.consumed()).isEqualTo(5))
              .hasMessageContaining("Separator is found");
          assertThat(text(fed.reader.readline())).isEqualTo("ab\n");
        });
  }

  @Test
  void aLineThatIsTooLongAndNotOverIsDroppedAsFarAsItIsThere() {
    with(
        3,
        fed -> {
          fed.feed("line1");
          assertThatThrownBy(fed.reader::readline)
              .isInstanceOf(LimitOverrunException.class)
              .hasMessageContaining("Separator is not found");
          fed.feed("x\n");
          assertThat(text(fed.reader.readline())).isEqualTo("x\n");
        });
  }

  @Test
  void aLineMayBeAsLongAsTheLimitWithoutItsEnd() {
    with(
        3,
        fed -> {
          fed.feed("abc\n");
          assertThat(text(fed.reader.readline())).isEqualTo("abc\n");
        });
  }

  @Test
  void linesCanBeIterated() {
    with(
        100,
        fed -> {
          fed.feed("one\ntwo\nthr");
          fed.eofSoon();
          List<String> lines = new ArrayList<>();
          for (byte[] line : fed.reader) {
            lines.add(text(line));
          }
          assertThat(lines).containsExactly("one\n", "two\n", "thr");
          assertThatThrownBy(() -> fed.reader.iterator().next())
              .isInstanceOf(java.util.NoSuchElementException.class);
        });
  }

  // ---- readExactly

  @Test
  void readExactlyWaitsForAllOfIt() {
    with(
        2,
        fed -> {
          for (int i = 0; i < 4; i++) {
            fed.feedSoon("abc");
          }
          assertThat(text(fed.reader.readExactly(10))).isEqualTo("abcabcabca");
          assertThat(fed.reader.readExactly(0)).isEmpty();
          assertThat(fed.rest()).isEqualTo("bc");
        });
  }

  @Test
  void readExactlyTellsWhatItGotBeforeTheEnd() {
    with(
        100,
        fed -> {
          fed.feed("abc");
          fed.eofSoon();
          assertThatThrownBy(() -> fed.reader.readExactly(5))
              .hasMessage("3 bytes read on a total of 5 expected bytes")
              .isInstanceOfSatisfying(
                  IncompleteReadException.class,
                  e -> {
                    assertThat(text(e.partial())).isEqualTo("abc");
                    assertThat(e.expected()).isEqualTo(5);
                  });
          assertThat(fed.reader.atEof()).isTrue();
        });
  }

  @Test
  void readExactlyOfLessThanNothingIsRefused() {
    with(
        100,
        fed ->
            assertThatThrownBy(() -> fed.reader.readExactly(-1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("found -1"));
  }

  // ---- readUntil

  @Test
  void aSeparatorMayComeInPieces() {
    with(
        100,
        fed -> {
          fed.feed("some dataSEP");
          fed.feedSoon("ARA");
          fed.feedSoon("TORrest");
          assertThat(text(fed.reader.readUntil(bytes("SEPARATOR"))))
              .isEqualTo("some dataSEPARATOR");
          assertThat(fed.rest()).isEqualTo("rest");
        });
  }

  @Test
  void theShortestMatchOfSeveralSeparatorsWins() {
    with(
        100,
        fed -> {
          fed.feed("one\r\ntwo\nthree");
          byte[][] separators = {bytes("\r\n"), bytes("\n"), bytes("\r")};
          assertThat(text(fed.reader.readUntil(separators))).isEqualTo("one\r");
          assertThat(text(fed.reader.readUntil(separators))).isEqualTo("\n");
          assertThat(text(fed.reader.readUntil(separators))).isEqualTo("two\n");
        });
  }

  @Test
  void aLongSeparatorThatEndsFirstWins() {
    with(
        100,
        fed -> {
          fed.feed("aaaABCDEbbbX");
          assertThat(text(fed.reader.readUntil(bytes("X"), bytes("ABCDE")))).isEqualTo("aaaABCDE");
        });
  }

  @Test
  void severalSeparatorsMayComeInPieces() {
    with(
        100,
        fed -> {
          fed.feed("xxAB");
          fed.feedSoon("CY");
          assertThat(text(fed.reader.readUntil(bytes("ABC"), bytes("Y")))).isEqualTo("xxABC");
          assertThat(fed.rest()).isEqualTo("Y");
        });
  }

  @Test
  void anOverrunLeavesTheBytesWhereTheyAre() {
    with(
        3,
        fed -> {
          fed.feed("some dataAA");
          assertThatThrownBy(() -> fed.reader.readUntil(bytes("AAA")))
              .isInstanceOfSatisfying(
                  LimitOverrunException.class, e -> assertThat(e.consumed()).isEqualTo(9))
              .hasMessageContaining("not found");
          fed.feed("A");
          assertThatThrownBy(() -> fed.reader.readUntil(bytes("AAA")))
              .isInstanceOfSatisfying(
                  LimitOverrunException.class, e -> assertThat(e.consumed()).isEqualTo(9))
              .hasMessageContaining("is found");
          assertThat(text(fed.reader.readExactly(9))).isEqualTo("some data");
          assertThat(text(fed.reader.readUntil(bytes("AAA")))).isEqualTo("AAA");
        });
  }

  @Test
  void theEndBeforeASeparatorClearsTheBuffer() {
    with(
        100,
        fed -> {
          fed.feed("some dataAA");
          fed.eofSoon();
          assertThatThrownBy(() -> fed.reader.readUntil(bytes("AAA")))
              .hasMessageContaining("undefined")
              .isInstanceOfSatisfying(
                  IncompleteReadException.class,
                  e -> {
                    assertThat(text(e.partial())).isEqualTo("some dataAA");
                    assertThat(e.expected()).isEqualTo(-1);
                  });
          assertThat(fed.reader.read()).isEmpty();
        });
  }

  @Test
  void aSeparatorIsFoundThoughTheEndHasCome() {
    with(
        100,
        fed -> {
          fed.feed("AAA");
          fed.reader.feedEof();
          assertThat(text(fed.reader.readUntil(bytes("AAA")))).isEqualTo("AAA");
        });
  }

  @Test
  void noSeparatorAndAnEmptyOneAreRefused() {
    with(
        100,
        fed -> {
          assertThatThrownBy(fed.reader::readUntil).isInstanceOf(IllegalArgumentException.class);
          assertThatThrownBy(() -> fed.reader.readUntil(bytes("x"), bytes("")))
              .isInstanceOf(IllegalArgumentException.class);
        });
  }

  // ---- errors, other readers, cancellation

  @Test
  void aLossReachesTheReaderThatWaitsAndThoseAfterIt() {
    with(
        100,
        fed -> {
          SocketException lost = new SocketException("reset");
          getRunningLoop().callSoon(() -> fed.reader.setException(lost));
          assertThatThrownBy(() -> fed.reader.read(1)).isSameAs(lost);
          assertThat(fed.reader.exception()).isSameAs(lost);
          assertThatThrownBy(fed.reader::readline).isSameAs(lost);
          assertThatThrownBy(() -> fed.reader.readExactly(1)).isSameAs(lost);
          assertThatThrownBy(fed.reader::read).isSameAs(lost);
        });
  }

  @Test
  void aSecondReaderIsRefused() {
    with(
        100,
        fed -> {
          var first = createTask(() -> text(fed.reader.readline()));
          sleep(ZERO);
          assertThatThrownBy(() -> fed.reader.read(1))
              .isInstanceOf(IllegalStateException.class)
              .hasMessageContaining("read() called while another coroutine is already waiting");
          fed.feed("a\n");
          assertThat(first.await()).isEqualTo("a\n");
        });
  }

  @Test
  void aCancelledReadLosesNothing() {
    with(
        100,
        fed -> {
          var reading = createTask(() -> text(fed.reader.readExactly(4)));
          sleep(ZERO);
          fed.feed("ab");
          sleep(ZERO);
          reading.cancel();
          assertThatThrownBy(reading::await).isInstanceOf(CancelledError.class);
          fed.feed("cd");
          assertThat(text(fed.reader.readExactly(4))).isEqualTo("abcd");
        });
  }

  @Test
  void aCancelledReadToTheEndLosesNothing() {
    with(
        10,
        fed -> {
          Task<byte[]> reading = createTask(() -> fed.reader.read());
          sleep(ZERO);
          fed.feed("more than twice ");
          sleep(ZERO);
          fed.feed("the limit ");
          sleep(ZERO);
          reading.cancel();
          assertThatThrownBy(reading::await).isInstanceOf(CancelledError.class);
          fed.feed("and the rest");
          assertThat(fed.rest()).isEqualTo("more than twice the limit and the rest");
        });
  }

  @Test
  void whatIsHandedOverIsNotReadAndLetsMoreCome() {
    with(
        10,
        fed -> {
          fed.feed("more than twice the limit");
          assertThat(text(fed.reader.handOver())).isEqualTo("more than twice the limit");
          assertThat(fed.asked).containsExactly("pause", "resume");
          fed.feed("x");
          assertThat(fed.rest()).isEqualTo("x");
        });
  }

  /** It was woken for bytes that are gone when it comes to take them: that is not the end. */
  @Test
  void aReadWhoseBytesAreHandedOverWaitsForMore() {
    with(
        100,
        fed -> {
          Task<byte[]> reading = createTask(() -> fed.reader.read(10));
          sleep(ZERO);
          fed.feed("gone");
          fed.reader.handOver();
          sleep(ZERO);
          fed.feed("here");
          assertThat(text(reading.await())).isEqualTo("here");
        });
  }

  @Test
  void aReadCancelledAfterItsBytesCameLosesNothing() {
    with(
        100,
        fed -> {
          var reading = createTask(() -> text(fed.reader.read(4)));
          sleep(ZERO);
          fed.feed("ab");
          reading.cancel();
          assertThatThrownBy(reading::await).isInstanceOf(CancelledError.class);
          assertThat(text(fed.reader.read(4))).isEqualTo("ab");
        });
  }

  @Test
  void aForeignThreadIsRefused() {
    with(
        100,
        fed ->
            assertThatThrownBy(() -> Asyncio.toThread(() -> fed.reader.read(1)))
                .isInstanceOf(IllegalStateException.class));
  }

  // ---- back-pressure

  @Test
  void pausesAboveTwiceTheLimitAndResumesAtTheLimit() {
    with(
        4,
        fed -> {
          fed.feed("12345678");
          assertThat(fed.asked).isEmpty();
          fed.feed("9");
          assertThat(fed.asked).containsExactly("pause");
          fed.reader.read(4);
          assertThat(fed.asked).containsExactly("pause");
          fed.reader.read(1);
          assertThat(fed.asked).containsExactly("pause", "resume");
        });
  }

  @Test
  void aWaitForMoreThanFitsResumes() {
    with(
        4,
        fed -> {
          fed.feed("123456789");
          var reading = createTask(() -> text(fed.reader.readExactly(12)));
          sleep(ZERO);
          assertThat(fed.asked).containsExactly("pause", "resume");
          fed.feed("abc");
          assertThat(reading.await()).isEqualTo("123456789abc");
        });
  }

  @Test
  void aDroppedLineResumes() {
    with(
        4,
        fed -> {
          fed.feed("1234567890\nab");
          assertThatThrownBy(fed.reader::readline).isInstanceOf(LimitOverrunException.class);
          assertThat(fed.asked).containsExactly("pause", "resume");
        });
  }

  @Test
  void showsItsState() {
    with(
        4,
        fed -> {
          fed.feed("abc");
          assertThat(fed.reader).hasToString("StreamReader[3 bytes, limit=4]");
          fed.reader.feedEof();
          assertThat(fed.reader).hasToString("StreamReader[3 bytes, eof, limit=4]");
        });
  }
}
