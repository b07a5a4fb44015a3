using System.Collections.Concurrent;
using System.Globalization;

namespace Emulator.Conformance.ServiceBus;

/// <summary>
/// What clients were told about messages of sessions, numbered within each: delivered in order, none lost, none back once completed.
/// </summary>
internal sealed class SessionFates(ConcurrentQueue<string> violations)
{
    private readonly ConcurrentDictionary<string, Session> _sessions = new();

    public int Accepted => _sessions.Values.Sum(session => session.Count(static fate => fate.IsAccepted));

    public int Completed => _sessions.Values.Sum(session => session.Count(static fate => fate.IsCompleted));

    /// <summary>A session has one sender, which sends one message at a time.</summary>
    /// <returns>The number of the next message.</returns>
    public int Next(string sessionId) => _sessions.GetOrAdd(sessionId, static _ => new Session()).Add();

    public void OnAccepted(string sessionId, int number) => _sessions[sessionId].Change(number, static fate => fate.IsAccepted = true);

    public void OnDelivered(string sessionId, int number)
    {
        if (_sessions[sessionId].OnDelivered(number) is { } violation)
        {
            violations.Enqueue(string.Create(CultureInfo.InvariantCulture, $"message {number} of session {sessionId} {violation}"));
        }
    }

    public void OnAsked(string sessionId, int number) => _sessions[sessionId].Change(number, static fate => fate.IsAsked = true);

    public void OnCompleted(string sessionId, int number) => _sessions[sessionId].Change(number, static fate => fate.IsCompleted = true);

    /// <summary>Compares with what the queue holds in the end, in its order.</summary>
    public void Check(IReadOnlyList<(string SessionId, int Number)> left)
    {
        foreach (var (id, session) in _sessions)
        {
            var numbers = left.Where(message => message.SessionId == id).Select(message => message.Number).ToList();
            foreach (var violation in session.Check(numbers))
            {
                violations.Enqueue($"session {id}: {violation}");
            }
        }
    }

    private sealed class Fate
    {
        public bool IsAccepted { get; set; }

        public bool IsAsked { get; set; }

        public bool IsCompleted { get; set; }
    }

    private sealed class Session
    {
        // Guards the fates.
        private readonly Lock _gate = new();
        private readonly List<Fate> _fates = [];

        public int Add()
        {
            lock (_gate)
            {
                _fates.Add(new Fate());
                return _fates.Count - 1;
            }
        }

        public void Change(int number, Action<Fate> change)
        {
            lock (_gate)
            {
                change(_fates[number]);
            }
        }

        public int Count(Func<Fate, bool> condition)
        {
            lock (_gate)
            {
                return _fates.Count(condition);
            }
        }

        public string? OnDelivered(int number)
        {
            lock (_gate)
            {
                if (_fates[number].IsCompleted) return "was delivered after its completion was confirmed";
                var passed = _fates.FindIndex(static fate => fate.IsAccepted && !fate.IsAsked);
                return passed >= 0 && passed < number
                    ? string.Create(CultureInfo.InvariantCulture, $"was delivered before message {passed}")
                    : null;
            }
        }

        public List<string> Check(List<int> left)
        {
            lock (_gate)
            {
                var violations = new List<string>();
                if (!left.SequenceEqual(left.Order().Distinct()))
                {
                    violations.Add($"expected ascending numbers, got {string.Join(' ', left)}");
                }
                for (var number = 0; number < _fates.Count; number++)
                {
                    var (fate, isThere) = (_fates[number], left.Contains(number));
                    if (fate.IsCompleted && isThere)
                    {
                        violations.Add(
                            string.Create(CultureInfo.InvariantCulture, $"message {number} is there after its completion was confirmed"));
                    }
                    if (fate is { IsAccepted: true, IsAsked: false } && !isThere)
                    {
                        violations.Add(
                            string.Create(
                                CultureInfo.InvariantCulture, $"message {number} was accepted, never asked to be completed, and is gone"));
                    }
                }

                return violations;
            }
        }
    }
}
