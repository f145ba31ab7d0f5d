package dev.aioli;

/**
 * What the ready queue holds. A task stands in it itself, so that a switch between tasks allocates
 * nothing; every other callback is a {@link Handle}.
 */
sealed interface Ready permits Handle, Task {}
