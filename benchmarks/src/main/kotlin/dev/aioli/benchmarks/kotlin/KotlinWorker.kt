package dev.aioli.benchmarks.kotlin

import dev.aioli.benchmarks.worker.Worker
import kotlin.coroutines.CoroutineContext
import kotlin.coroutines.EmptyCoroutineContext
import kotlin.system.exitProcess
import kotlinx.coroutines.Dispatchers

/** Answers requests until the input ends. The argument is the dispatcher: run-blocking or default. */
fun main(args: Array<String>) {
  val dispatcher: CoroutineContext =
    when (args.singleOrNull()) {
      "run-blocking" -> EmptyCoroutineContext
      "default" -> Dispatchers.Default
      else -> {
        System.err.println("expected run-blocking or default, found ${args.toList()}")
        exitProcess(2)
      }
    }
  val worker = Worker("${args[0]}, Kotlin ${KotlinVersion.CURRENT}, ${Worker.java()}")
  TaskWorkloads(dispatcher).addTo(worker)
  SyncWorkloads(dispatcher).addTo(worker)
  QueueWorkloads(dispatcher).addTo(worker)
  ThreadWorkloads(dispatcher).addTo(worker)
  worker.serve()
}
