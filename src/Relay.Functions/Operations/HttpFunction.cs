using System.Reflection;
using Microsoft.AspNetCore.Http;
using Relay.Functions.Callers;
using Relay.Functions.Live;

namespace Relay.Functions.Operations;

/// <summary>An HTTP function of the app and what it declares.</summary>
/// <param name="Name">Name of the function.</param>
/// <param name="Route">Route below <c>/api/</c>, as its trigger has it.</param>
/// <param name="Operations">One a method; empty when it declares nothing.</param>
/// <param name="Method">The code.</param>
public sealed record HttpFunction(string Name, string Route, IReadOnlyList<OperationAttribute> Operations, MethodInfo Method)
{
    private const int Unexpected = StatusCodes.Status500InternalServerError;

    // Of conditions and ranges, which every read heeds.
    private static readonly int[] OfReads =
    [
        StatusCodes.Status206PartialContent, StatusCodes.Status304NotModified,
        StatusCodes.Status412PreconditionFailed, StatusCodes.Status416RangeNotSatisfiable,
    ];

    private static readonly CallVerdict[] OfTheGate =
    [
        CallVerdict.Unauthenticated, CallVerdict.CallerUnavailable, CallVerdict.NotACaller, CallVerdict.NotAnOperator,
    ];

    /// <summary>Value of <c>Allow</c>: what it answers, HEAD with GET and OPTIONS with any.</summary>
    public string Allow { get; } = string.Join(
        ", ",
        Operations.SelectMany(operation => operation.Method == "GET" ? ["GET", "HEAD"] : new[] { operation.Method }).Append("OPTIONS"));

    /// <summary>The operation of a request's method; null where there is none.</summary>
    public OperationAttribute? Find(string method) =>
        Operations.FirstOrDefault(operation => HttpMethods.Equals(operation.Method, HttpMethods.IsHead(method) ? "GET" : method));

    /// <summary>Answers of an operation that are no problem.</summary>
    public IEnumerable<AnswerAttribute> AnswersOf(OperationAttribute operation) => Method.GetCustomAttributes<AnswerAttribute>()
        .Where(answer => answer.Method is null || answer.Method == operation.Method);

    /// <summary>Statuses of an operation whose body, where there is one, is a part of another answer's.</summary>
    public IReadOnlyList<int> PartsOf(OperationAttribute operation) =>
        operation.Method == "GET" && AnswersOf(operation).Any(IsWhole) ? OfReads : [];

    // A stream has no tag and no parts: it is another each time.
    private static bool IsWhole(AnswerAttribute answer) =>
        answer.Status == StatusCodes.Status200OK && answer.MediaType != EventStreamAnswer.MediaType;

    /// <summary>Statuses with which an operation is refused: by the function, and by the gate before it.</summary>
    public IReadOnlySet<int> ProblemsOf(OperationAttribute operation)
    {
        ArgumentNullException.ThrowIfNull(operation);
        var statuses = new SortedSet<int>(Method.GetCustomAttribute<ProblemsAttribute>()?.Statuses ?? []) { Unexpected };
        if (operation.Callers.HasFlag(CallerKind.Anyone)) return statuses;
        statuses.UnionWith(OfTheGate.Select(verdict => CallTable.For(verdict).Status));
        if (Route.Contains("{negotiation}", StringComparison.Ordinal)) statuses.Add(CallTable.For(CallVerdict.NoSuchName).Status);
        return statuses;
    }

    /// <summary>True when an operation may be answered with the status; what is no operation, and OPTIONS, are not asked about.</summary>
    public bool Declares(OperationAttribute operation, int status) =>
        AnswersOf(operation).Any(answer => answer.Status == status)
        || PartsOf(operation).Contains(status)
        || ProblemsOf(operation).Contains(status);
}
