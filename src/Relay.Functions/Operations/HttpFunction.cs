using System.Reflection;
using Microsoft.AspNetCore.Http;

namespace Relay.Functions.Operations;

/// <summary>An HTTP function of the app and what it declares.</summary>
/// <param name="Name">Name of the function.</param>
/// <param name="Route">Route below <c>/api/</c>, as its trigger has it.</param>
/// <param name="Operations">One a method; empty when it declares nothing.</param>
/// <param name="Method">The code.</param>
public sealed record HttpFunction(string Name, string Route, IReadOnlyList<OperationAttribute> Operations, MethodInfo Method)
{
    /// <summary>Value of <c>Allow</c>: what it answers, HEAD with GET and OPTIONS with any.</summary>
    public string Allow { get; } = string.Join(
        ", ",
        Operations.SelectMany(operation => operation.Method == "GET" ? ["GET", "HEAD"] : new[] { operation.Method }).Append("OPTIONS"));

    /// <summary>The operation of a request's method; null where there is none.</summary>
    public OperationAttribute? Find(string method) =>
        Operations.FirstOrDefault(operation => HttpMethods.Equals(operation.Method, HttpMethods.IsHead(method) ? "GET" : method));
}
