namespace Azure.Messaging.ServiceBus;

/// <summary>The one handler an event of a processor may have.</summary>
/// <typeparam name="TArgs">What the handler is given.</typeparam>
/// <param name="name">Of the event, for exceptions.</param>
internal sealed class HandlerSlot<TArgs>(string name)
{
    private Func<TArgs, Task>? _handler;

    /// <summary>Whether there is a handler.</summary>
    public bool IsSet => _handler is not null;

    /// <exception cref="NotSupportedException">There is one already.</exception>
    public void Add(Func<TArgs, Task> handler)
    {
        ArgumentNullException.ThrowIfNull(handler, name);
        if (_handler is not null)
        {
            throw new NotSupportedException($"{name} has a handler already; remove it before adding another.");
        }

        _handler = handler;
    }

    /// <exception cref="ArgumentException">It is not the one there.</exception>
    public void Remove(Func<TArgs, Task> handler)
    {
        ArgumentNullException.ThrowIfNull(handler, name);
        if (_handler != handler)
        {
            throw new ArgumentException($"The handler to remove from {name} is not the one that was added.");
        }

        _handler = null;
    }

    /// <exception cref="InvalidOperationException">There is none.</exception>
    public void ThrowIfUnset()
    {
        if (_handler is null)
        {
            throw new InvalidOperationException($"Cannot begin processing without {name} handler set.");
        }
    }

    /// <summary>Calls the handler, if there is one.</summary>
    public Task InvokeAsync(TArgs args) => _handler?.Invoke(args) ?? Task.CompletedTask;
}
