@echo off
rem Starts aioli from its sources on Windows: builds cli\target\aioli.jar with Maven if it is not there, and runs it.
rem After a change of the sources build it anew: delete the jar. JAVA_OPTS goes to the JVM, the arguments to aioli.
setlocal
set "home=%~dp0"
set "jar=%home%cli\target\aioli.jar"
set "archive=%home%cli\target\aioli.jsa"
set "java="
if defined JAVA_HOME call :look "%JAVA_HOME%"
for %%P in (java.exe) do if not "%%~$PATH:P"=="" call :look "%%~dp$PATH:P.."
for /d %%D in ("%ProgramFiles%\Eclipse Adoptium\jdk-*" "%ProgramFiles%\Java\jdk-*" "%ProgramFiles%\Microsoft\jdk-*" ^
  "%ProgramFiles%\Zulu\zulu-*" "%ProgramFiles%\Amazon Corretto\jdk*" "%USERPROFILE%\.jdks\*") do call :look "%%~D"
if not defined java (
  echo aioli: needs a JDK 25 or newer and found none; install one ^(https://adoptium.net^) or set JAVA_HOME to its folder. 1>&2
  exit /b 1
)

if exist "%jar%" goto run
echo aioli: building (first time: a minute or two)... 1>&2
pushd "%home%"
set "JAVA_HOME=%jdk%"
call mvn -B -q -P "!lint,!format" -Dmaven.test.skip=true -Dmaven.source.skip=true -pl cli -am package 1>&2
popd
if not exist "%jar%" (
  echo aioli: the build failed; it needs Maven 3.8 and a JDK 25 or newer. 1>&2
  exit /b 1
)

:run
if exist "%archive%" goto archived
"%java%" %JAVA_OPTS% -jar "%jar%" %*
exit /b %ERRORLEVEL%

:archived
"%java%" "-XX:SharedArchiveFile=%archive%" -Xlog:cds=off -Xlog:cds+dynamic=off %JAVA_OPTS% -jar "%jar%" %*
exit /b %ERRORLEVEL%

rem Takes a folder if it is the first that is a JDK 25 or newer, by the `release` file that every JDK has.
:look
if defined java exit /b 0
if not exist "%~1\bin\javac.exe" exit /b 0
findstr /r /c:"^JAVA_VERSION=.2[5-9]" /c:"^JAVA_VERSION=.[3-9][0-9]" "%~1\release" >nul 2>&1 || exit /b 0
set "jdk=%~1"
set "java=%~1\bin\java"
exit /b 0
