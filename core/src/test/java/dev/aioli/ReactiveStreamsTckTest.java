package dev.aioli;

import java.lang.annotation.Annotation;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.concurrent.Flow.Publisher;
import java.util.concurrent.Flow.Subscriber;
import java.util.concurrent.Flow.Subscription;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.opentest4j.TestAbortedException;
import org.reactivestreams.tck.TestEnvironment;
import org.reactivestreams.tck.flow.FlowPublisherVerification;
import org.reactivestreams.tck.flow.FlowSubscriberBlackboxVerification;
import org.reactivestreams.tck.flow.FlowSubscriberWhiteboxVerification;
import org.testng.SkipException;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.BeforeMethod;

/**
 * The test kit of Reactive Streams against the bridges to {@code Flow}, in both directions. It
 * waits for {@link #SIGNAL_MILLIS} at most for what must come, and for {@link #SILENCE_MILLIS} to
 * see that nothing does.
 */
class ReactiveStreamsTckTest {
  private static final int SIGNAL_MILLIS = 20_000;
  private static final int SILENCE_MILLIS = 20;
  private static final Duration PATIENCE = Duration.ofMillis(SIGNAL_MILLIS);

  private static EventLoopThread thread;

  @BeforeAll
  static void startLoop() {
    thread = EventLoopThread.start("tck");
    // Some tests have subscribers and publishers that break the rules.
    thread.loop().callSoonThreadsafe(() -> thread.loop().setExceptionHandler((_, _) -> {}));
  }

  @AfterAll
  static void closeLoop() {
    thread.close();
  }

  private static TestEnvironment environment() {
    return new TestEnvironment(SIGNAL_MILLIS, SILENCE_MILLIS, SILENCE_MILLIS, false);
  }

  @TestFactory
  Stream<DynamicTest> publisherKeepsTheRules() {
    return testsOf(PublisherOfNumbers::new);
  }

  @TestFactory
  Stream<DynamicTest> subscriberKeepsTheRules() {
    return testsOf(SubscriberSeenFromOutside::new);
  }

  @TestFactory
  Stream<DynamicTest> subscriberKeepsTheRulesThatArePutToItFromInside() {
    return testsOf(SubscriberSeenFromInside::new);
  }

  /**
   * The kit is written for TestNG: each test on an object of its own, between its set-up and end.
   */
  private static Stream<DynamicTest> testsOf(Supplier<?> verification) {
    return methodsOf(verification.get(), org.testng.annotations.Test.class)
        .filter(method -> !method.getName().startsWith("untested_")) // there to be read
        .map(method ->
            DynamicTest.dynamicTest(method.getName(), () -> run(verification.get(), method)));
  }

  private static Stream<Method> methodsOf(Object test, Class<? extends Annotation> kind) {
    return Arrays.stream(test.getClass().getMethods())
        .filter(method -> method.isAnnotationPresent(kind))
        .sorted(Comparator.comparing(Method::getName));
  }

  private static void run(Object test, Method method) throws Throwable {
    callAll(test, BeforeClass.class);
    callAll(test, BeforeMethod.class);
    try {
      method.invoke(test);
    } catch (InvocationTargetException e) {
      throw e.getCause() instanceof SkipException
          ? new TestAbortedException(e.getCause().getMessage(), e.getCause())
          : e.getCause();
    } finally {
      callAll(test, AfterClass.class);
    }
  }

  private static void callAll(Object test, Class<? extends Annotation> kind)
      throws ReflectiveOperationException {
    for (Method method : methodsOf(test, kind).toList()) {
      method.invoke(test);
    }
  }

  private static Publisher<Integer> numbers(long count) {
    return Flows.publisher(
        thread.loop(),
        sink -> {
          for (int i = 0; i < count; i++) {
            sink.emit(i);
          }
        });
  }

  public static final class PublisherOfNumbers extends FlowPublisherVerification<Integer> {
    public PublisherOfNumbers() {
      super(environment());
    }

    @Override
    public Publisher<Integer> createFlowPublisher(long elements) {
      return numbers(elements);
    }

    /** One that fails at once: that of a loop which is closed. */
    @Override
    public Publisher<Integer> createFailedFlowPublisher() {
      EventLoop closed = EventLoop.newEventLoop();
      closed.close();
      return Flows.publisher(closed, sink -> sink.emit(1));
    }
  }

  private static FlowSource<Integer> newSource(int bufferSize) {
    return new FlowSource<>(thread.loop(), bufferSize);
  }

  public static final class SubscriberSeenFromOutside
      extends FlowSubscriberBlackboxVerification<Integer> {
    public SubscriberSeenFromOutside() {
      super(environment());
    }

    @Override
    public Subscriber<Integer> createFlowSubscriber() {
      return inLoop(() -> newSource(4).subscriber());
    }

    @Override
    public Integer createElement(int number) {
      return number;
    }
  }

  private static <T> T inLoop(Supplier<T> supplier) {
    try {
      return thread.submit(supplier::get).result(PATIENCE);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  public static final class SubscriberSeenFromInside
      extends FlowSubscriberWhiteboxVerification<Integer> {
    public SubscriberSeenFromInside() {
      super(environment());
    }

    @Override
    protected Subscriber<Integer> createFlowSubscriber(WhiteboxSubscriberProbe<Integer> probe) {
      return inLoop(() -> new Probed(newSource(1), probe));
    }

    @Override
    public Integer createElement(int number) {
      return number;
    }
  }

  /** A source that tells the kit what it is told, and uses items when the kit wants it to. */
  private static final class Probed implements Subscriber<Integer> {
    private final FlowSource<Integer> source;
    private final Subscriber<Integer> subscriber;
    private final FlowSubscriberWhiteboxVerification.WhiteboxSubscriberProbe<Integer> probe;

    Probed(
        FlowSource<Integer> source,
        FlowSubscriberWhiteboxVerification.WhiteboxSubscriberProbe<Integer> probe) {
      this.source = source;
      this.probe = probe;
      subscriber = source.subscriber();
    }

    @Override
    public void onSubscribe(Subscription subscription) {
      subscriber.onSubscribe(subscription);
      probe.registerOnSubscribe(
          new FlowSubscriberWhiteboxVerification.SubscriberPuppet() {
            @Override
            public void triggerRequest(long count) {
              thread.submit(() -> use(count));
            }

            @Override
            public void signalCancel() {
              thread.loop().callSoonThreadsafe(source::close);
            }
          });
    }

    private void use(long count) {
      Iterator<Integer> items = source.iterator();
      for (long i = 0; i < count && items.hasNext(); i++) {
        items.next();
      }
    }

    @Override
    public void onNext(Integer item) {
      subscriber.onNext(item);
      probe.registerOnNext(item);
    }

    @Override
    public void onError(Throwable error) {
      subscriber.onError(error);
      probe.registerOnError(error);
    }

    @Override
    public void onComplete() {
      subscriber.onComplete();
      probe.registerOnComplete();
    }
  }
}
