namespace Relay.Core.Tests.Early;

/// <summary>Runs what was started on it when a test says so, on the test's thread.</summary>
internal sealed class StepScheduler : TaskScheduler
{
    private readonly Queue<Task> _tasks = new();

    /// <summary>Runs until nothing waits.</summary>
    public void Run()
    {
        while (_tasks.TryDequeue(out var task)) TryExecuteTask(task);
    }

    protected override void QueueTask(Task task) => _tasks.Enqueue(task);

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    protected override IEnumerable<Task> GetScheduledTasks() => _tasks;
}
