package dev.aioli.examples;

import static dev.aioli.Asyncio.blocking;
import static dev.aioli.Asyncio.createTask;
import static dev.aioli.Asyncio.gather;
import static dev.aioli.Asyncio.run;
import static dev.aioli.Asyncio.sleep;
import static dev.aioli.Asyncio.task;
import static dev.aioli.Asyncio.timeout;
import static java.time.Duration.ZERO;
import static java.time.Duration.ofMillis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.aioli.CancelledError;
import dev.aioli.Task;
import dev.aioli.TimeoutException;
import dev.aioli.sync.Semaphore;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What docs/guide/jdbc.md says, with HikariCP and H2. */
@Timeout(10)
class JdbcGuideTest {
  // region database
  interface Work<T> {
    T with(Connection connection) throws SQLException;
  }

  /** As many places as connections: who has a place finds a connection free. */
  record Database(HikariDataSource pool, Semaphore places) {
    Database(HikariDataSource pool) {
      this(pool, new Semaphore(pool.getMaximumPoolSize()));
    }

    /** Suspends while all connections are in use, and while the database works. */
    <T> T transaction(Work<T> work) throws SQLException {
      try (var place = places.acquire()) {
        return blocking(() -> {
          try (var connection = pool.getConnection()) {
            connection.setAutoCommit(false);
            T result = work.with(connection);
            connection.commit();
            return result;
          } // whatever was not committed is rolled back by the pool
        });
      }
    }
  }

  // endregion database

  private HikariDataSource pool;

  @BeforeEach
  void open() throws SQLException {
    SlowQuery.UNDER_WAY.set(0);
    SlowQuery.MOST.set(0);
    // region pool
    var config = new HikariConfig();
    config.setJdbcUrl("jdbc:h2:mem:bank");
    config.setMaximumPoolSize(2);
    config.setConnectionTimeout(5000); // ms; not where tasks wait for a place
    pool = new HikariDataSource(config);
    // endregion pool
    try (var connection = pool.getConnection();
        var statement = connection.createStatement()) {
      statement.execute("create table account (name varchar primary key, cents int not null)");
      statement.execute("insert into account values ('ann', 100), ('bob', 0)");
      statement.execute("create alias waiting for '" + SlowQuery.class.getName() + ".waiting'");
    }
  }

  @AfterEach
  void close() {
    pool.close();
  }

  // region transfer
  /** One transaction, in one thread, with no suspension inside. */
  static void transfer(Database bank, String from, String to, int cents) throws SQLException {
    bank.transaction(connection -> {
      try (var update =
          connection.prepareStatement("update account set cents = cents + ? where name = ?")) {
        update.setInt(1, -cents);
        update.setString(2, from);
        update.executeUpdate();
        if (cents(connection, from) < 0) {
          throw new IllegalStateException(from + " has not that much");
        }
        update.setInt(1, cents);
        update.setString(2, to);
        return update.executeUpdate();
      }
    });
  }

  // endregion transfer

  static int cents(Connection connection, String name) throws SQLException {
    try (var query = connection.prepareStatement("select cents from account where name = ?")) {
      query.setString(1, name);
      try (var rows = query.executeQuery()) {
        rows.next();
        return rows.getInt(1);
      }
    }
  }

  static int await(Connection connection) throws SQLException {
    try (var statement = connection.createStatement()) {
      statement.execute("select waiting()");
      return 1;
    }
  }

  @Test
  void manyTransactionsShareFewConnections() {
    int sum =
        run(() -> {
          var bank = new Database(pool);
          gather(
              IntStream.range(0, 50)
                  .mapToObj(n -> task(() -> transfer(bank, "ann", "bob", 2)))
                  .toList());
          return bank.transaction(connection -> cents(connection, "bob"));
        });
    assertThat(sum).isEqualTo(100);
  }

  @Test
  void theOtherTasksRunWhileTheDatabaseWorks() {
    SlowQuery.entered = new CountDownLatch(1);
    SlowQuery.release = new CountDownLatch(1);
    run(() -> {
      var bank = new Database(pool);
      var query = createTask(() -> bank.transaction(JdbcGuideTest::await));
      blocking(() -> SlowQuery.entered.await());
      SlowQuery.release.countDown(); // a task that runs while the query waits
      assertThat(query.await()).isOne();
    });
  }

  @Test
  void aFailureRollsBack() {
    run(() -> {
      var bank = new Database(pool);
      assertThatThrownBy(() -> transfer(bank, "ann", "bob", 101))
          .isInstanceOf(IllegalStateException.class);
      assertThat(bank.<Integer>transaction(connection -> cents(connection, "ann"))).isEqualTo(100);
    });
  }

  @Test
  void tasksWaitForPlacesAndNotForConnections() {
    SlowQuery.entered = new CountDownLatch(2);
    SlowQuery.release = new CountDownLatch(1);
    run(() -> {
      var bank = new Database(pool);
      var queries =
          IntStream.range(0, 5)
              .mapToObj(n -> task(() -> bank.transaction(JdbcGuideTest::await)))
              .toList();
      blocking(() -> SlowQuery.entered.await());
      assertThat(bank.places().waiters()).isEqualTo(3);
      assertThat(pool.getHikariPoolMXBean().getThreadsAwaitingConnection()).isZero();
      SlowQuery.release.countDown();
      gather(queries);
    });
    assertThat(SlowQuery.MOST).hasValue(2);
  }

  @Test
  void aCancelledWaiterLeavesTheLine() {
    SlowQuery.entered = new CountDownLatch(2);
    SlowQuery.release = new CountDownLatch(1);
    run(() -> {
      var bank = new Database(pool);
      var first = task(() -> bank.transaction(JdbcGuideTest::await));
      var second = task(() -> bank.transaction(JdbcGuideTest::await));
      var third = task(() -> bank.transaction(JdbcGuideTest::await));
      blocking(() -> SlowQuery.entered.await());
      third.cancel();
      assertThatThrownBy(third::await).isInstanceOf(CancelledError.class);
      assertThat(bank.places().waiters()).isZero();
      SlowQuery.release.countDown();
      gather(first, second);
    });
  }

  @Test
  void aTimeLimitInterruptsTheQueryAndTheConnectionComesBack() {
    SlowQuery.entered = new CountDownLatch(1);
    SlowQuery.release = new CountDownLatch(1);
    run(() -> {
      var bank = new Database(pool);
      assertThatThrownBy(
              () ->
                  // region timeout
                  timeout(ofMillis(100), () -> bank.transaction(JdbcGuideTest::await))
              // endregion timeout
              )
          .isInstanceOf(TimeoutException.class);
      assertThat(SlowQuery.UNDER_WAY).hasValue(0);
      assertThat(pool.getHikariPoolMXBean().getActiveConnections()).isZero();
      assertThat(bank.<Integer>transaction(connection -> cents(connection, "ann"))).isEqualTo(100);
      assertThat(bank.places().availablePermits()).isEqualTo(2);
    });
  }

  @Test
  void aCancelledTransactionIsRolledBack() {
    SlowQuery.entered = new CountDownLatch(1);
    SlowQuery.release = new CountDownLatch(1);
    run(() -> {
      var bank = new Database(pool);
      Task<?> task =
          createTask(() ->
              bank.transaction(connection -> {
                try (var statement = connection.createStatement()) {
                  statement.execute("update account set cents = 7 where name = 'ann'");
                }
                return await(connection);
              }));
      blocking(() -> SlowQuery.entered.await());
      task.cancel();
      assertThatThrownBy(task::await).isInstanceOf(CancelledError.class);
      assertThat(bank.<Integer>transaction(connection -> cents(connection, "ann"))).isEqualTo(100);
    });
  }

  @Test
  void aQueryWithoutBlockingHoldsTheLoop() {
    run(() -> {
      Task<?> other = createTask(() -> {});
      try (var connection = pool.getConnection()) {
        cents(connection, "ann");
      }
      assertThat(other.done()).isFalse();
      sleep(ZERO);
      assertThat(other.done()).isTrue();
    });
  }
}
